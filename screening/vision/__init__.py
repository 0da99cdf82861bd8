"""From a picture to faces and from faces to a mask reading; only here screening imports cv2."""
