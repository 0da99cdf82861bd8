"""The temperature decision on published people and on simulated days."""
