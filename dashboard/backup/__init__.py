"""A whole office in one sealed file: made, verified, put back, and made every day."""
