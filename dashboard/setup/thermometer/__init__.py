"""A gate's thermometer in words: its page, the steps that set it up, and the report of them."""
