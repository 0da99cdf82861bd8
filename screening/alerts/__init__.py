"""What needs somebody: raised once by a rule, taken by a person, over by itself."""
