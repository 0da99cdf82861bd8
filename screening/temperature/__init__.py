"""From raw readings of a thermometer to one judged temperature of one visitor."""
