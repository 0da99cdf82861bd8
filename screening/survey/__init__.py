"""What visitors say of the service: the yearly survey that the law asks every office for."""
