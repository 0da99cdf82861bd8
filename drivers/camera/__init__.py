"""Cameras: a thread per source that keeps the newest picture and notices a dead one."""
