"""Sends alerts to whoever looks at no page: by e-mail, and to another system."""
