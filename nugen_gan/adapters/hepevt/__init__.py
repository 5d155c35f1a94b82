"""HEPEVT text, which LArSoft's text generators put into detectors."""
