"""A gate as several readers see it: its words, its next act, its pictures and its drawing."""
