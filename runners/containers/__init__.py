"""Engines that build images and run containers. The interface is in base, the adapter in docker."""
