"""Why something on the thermometer's page was not done, in words to translate."""

from __future__ import annotations

from dashboard.web.words import N_

NO_THERMOMETER = N_("This gate has no thermometer.")
NOT_WARM = N_("The device is not warm yet. Wait until half an hour is over.")
NOT_KEPT_FREE = N_(
    "Keep the gate free first: otherwise whoever stands there comes in as a visitor."
)
NO_STEADY_VALUE = N_("There is no steady value now. Stand still before the device and try again.")
NOT_WAITING = N_("The value waits no more, or was used already. Take a new one.")
NO_ROOM_NUMBER = N_("Type the room's temperature as a number, for example 24.5.")
NO_CLINICAL_NUMBER = N_("Type the clinical reading of somebody well as a number, like 36.7.")
NO_KNOWN_NUMBER = N_("Type the known temperature as a number from 30 to 45, for example 37.0.")
NOT_WELL = N_("37.5 or more: this person is not well enough to set a thermometer by. Ask another.")
NOT_SET_UP = N_("The thermometer was never set up, so it cannot be checked.")

NO_DISTANCE = N_("Type the distance from the tape in cm, for example 60.")
NO_CAMERA = N_("This gate has no camera, which would tell how far away a face is.")
NO_FACE = N_("The camera sees no whole face now. Look at it, alone, and try again.")
OFF_THE_MARK = N_(
    "The camera sees the face at %(seen)s cm; the mark is at %(mark)s. Stand on the mark and take"
    " the value again."
)
