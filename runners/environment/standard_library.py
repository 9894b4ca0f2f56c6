"""Modules of Python's own, those of other versions included: no package index has them."""

import sys


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Gone from Python 3 since, or yet to come: what a version has decides, not an index.
_OTHER_VERSIONS = _words("""
aifc annotationlib asynchat asyncore audioop binhex cgi cgitb chunk compression crypt distutils
dummy_threading formatter imghdr imp lib2to3 macpath mailcap msilib nis nntplib ossaudiodev parser
pipes smtpd sndhdr spwd sunau symbol telnetlib tomllib uu xdrlib zoneinfo graphlib
""")
# What Python 2 called otherwise.
PYTHON_2 = _words("""
ConfigParser Cookie HTMLParser Queue ScrolledText SimpleHTTPServer BaseHTTPServer SocketServer
StringIO Tkinter UserDict UserList __builtin__ _winreg anydbm cPickle cStringIO commands cookielib
copy_reg dummy_thread exceptions future_builtins htmlentitydefs httplib md5 robotparser sets
tkColorChooser tkFileDialog tkMessageBox tkSimpleDialog ttk urllib2 urlparse xmlrpclib dircache
fpformat mimetools mimewriter multifile new popen2 posixfile rfc822 sgmllib sha statvfs stringold
thread user whichdb xmllib
""")
STANDARD_LIBRARY = frozenset(sys.stdlib_module_names) | _OTHER_VERSIONS | PYTHON_2
