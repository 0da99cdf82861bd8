"""Pages for whoever helps visitors at the desk."""
