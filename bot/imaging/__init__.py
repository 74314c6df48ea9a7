"""Bytes in, checked and cleaned pictures out. Everything here blocks: callers use a thread."""

from bot.imaging.clean import clean
from bot.imaging.fit import fit_reference, fit_upload, preview
from bot.imaging.probe import probe
from bot.imaging.values import DamagedPicture, ImageLimits, Picture, Probe

__all__ = [
    "DamagedPicture",
    "ImageLimits",
    "Picture",
    "Probe",
    "clean",
    "fit_reference",
    "fit_upload",
    "preview",
    "probe",
]
