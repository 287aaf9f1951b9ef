"""Batches: files and frames of requests, decided in columns."""
