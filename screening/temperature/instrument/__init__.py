"""The thermometer itself: its commissioning, its daily check, and what care it needs."""
