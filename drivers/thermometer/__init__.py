"""Serial infrared thermometers: one codec per wire format, one device class over all of them."""
