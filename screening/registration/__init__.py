"""Who comes when: days and times that can be booked, places held, taken and given back."""
