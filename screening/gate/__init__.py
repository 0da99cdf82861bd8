"""One gate: a visitor's session, the policy that judges, the lane that acts."""
