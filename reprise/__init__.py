"""The command `reprise`: publish models at a portal, follow their verifications, from a terminal.

It speaks the portal's REST API and holds nothing of the portal; it is installed without it.
"""
