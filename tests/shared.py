"""What tests of several lessons ask for."""

from alliance_course.data.tables import package

_KEYS = ("n_clients", "n_therapists", "n_sessions", "conditions", "treatments")
# how the clinic is laid out, for other clients in it
CLINIC = {key: package()["clinic"][key] for key in _KEYS}


def readings(picture, **values):
    """What each readout of an explorer's picture says at these controls, by its name."""
    return {r.name: picture.at(r.surface, values)[r.index] for r in picture.readouts}
