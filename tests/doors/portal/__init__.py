"""Tests of the door for residents."""
