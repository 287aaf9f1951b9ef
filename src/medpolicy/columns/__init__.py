"""Frames of requests, decided in columns."""
