"""What stops the building of an image: the index, the requirements, the project, the machine.

An address that the author chose and that cannot be reached is the author's (`resolve`); the package
index, the mirror of the system's packages and the registry of images are the portal's
(`infrastructure`), and only they.
"""

from registry.spec.ladder import Cause
from runners.diagnosis.signature import Signatures, signature
from runners.environment.system_packages import NO_COMPILER

_AGAIN = "Nothing is wrong with the repository. The portal will try again."
_LOOSEN = "Check the spelling and the version in your requirements; loosen a version that is gone."
_OWN_COPY = "Name a released version instead, or put the package's source into the repository."
_OLD_PYTHON = 'Name the Python that you used in reprise.toml, for instance python = "3.9".'
_NEWER = "Ask for a newer version of the package, or name the Python that you used in reprise.toml."
_SETTLE = "Try `pip install .` in a fresh clone; what it prints is what the portal saw."
_NAME_PACKAGE = "Name the Debian package that carries it under system_packages in reprise.toml."
_NOT_REACHED = (
    r"(?:client error \(Connect\)|dns error|timed out|HTTP status server error|[Cc]onnection reset"
    r"|connection closed|invalid peer certificate|HTTP status client error \(429)"
)
# Up to six lines from what was fetched to why that failed.
_THEN = r"(?:\n[^\n]{0,300}){1,6}?"

_AUTHORS_ADDRESSES = (
    signature(
        rf"Failed to (?:download|fetch)(?: and build)? [`'](?P<what>[\w.\[\],-]{{1,80}}) @ "
        rf"(?P<where>https?://[^`'\n]{{1,200}})[^\n]*(?:{_THEN}[^\n]*(?:{_NOT_REACHED}|\(40\d))?",
        Cause.RESOLVE,
        "“{what}” is asked for from an address that does not answer: {where}.",
        _OWN_COPY,
    ),
    signature(
        r"(?:process didn't exit successfully: `[^`\n]{0,80}git fetch[^'\n]{0,200}'"
        r"(?P<what>[^'\n]{1,200})'|git clone [^\n]{0,200}?(?P<too>(?:https?|ssh|git)://\S{1,200}) "
        r"[^\n]{0,200}did not run successfully)"
        r"(?:(?:\n[^\n]{0,300}){1,8}?[^\n]*(?:fatal: |cannot run ssh)[^\n]*)?",
        Cause.RESOLVE,
        "A requirement is to be fetched with git from an address that does not give it: "
        "{what}{too}.",
        _OWN_COPY,
    ),
    signature(
        r"fatal: (?:unable to access|repository) '(?P<what>[^'\n]{1,200})'(?:: | not found)"
        r"|fatal: could not read Username for '(?P<too>[^'\n]{1,200})'",
        Cause.RESOLVE,
        "The repository {what}{too}, which the build asks for, cannot be had: it is gone, private, "
        "or not reachable from here.",
        _OWN_COPY,
    ),
    signature(
        r"[Ff]ailed to (?:find|fetch) (?:branch, tag, or commit|branch or tag|commit|tag|branch) "
        r"[`']?(?P<what>[^`'\s]{1,100})|couldn't find remote ref (?P<too>\S{1,100})",
        Cause.RESOLVE,
        "The branch, tag or commit “{what}{too}” that a requirement names does not exist any more.",
        _OWN_COPY,
    ),
    signature(
        r"Failed to read `--find-links` [^\n]{0,20}(?P<what>https?://[^\s`]{1,200})"
        rf"[^\n]*(?:{_THEN}[^\n]*{_NOT_REACHED})?",
        Cause.RESOLVE,
        "The page of packages that the requirements name does not answer: {what}.",
        "Leave out the --find-links line, or name packages that are on the index.",
    ),
    signature(
        rf"Failed to fetch: `?(?P<what>https?://(?![^\s`]*/(?:simple|packages)/)[^\s`]{{1,200}})"
        rf"`?{_THEN}[^\n]*(?:{_NOT_REACHED}|\(40\d)",
        Cause.RESOLVE,
        "The requirements name an address that does not answer: {what}.",
        _OWN_COPY,
    ),
    signature(
        r"Distribution not found at: (?P<what>file://[^\n]{1,200})",
        Cause.RESOLVE,
        "The requirements point to a file on somebody's own machine: {what}.",
        "Write “name==version” in place of “name @ file://…”; "
        "`pip list --format=freeze` prints that.",
    ),
    signature(
        r"status_string: \"|Each download failed|error: downloading '|urlopen error"
        r"|urllib\.error\.HTTPError|requests\.exceptions\.\w{0,30}(?:Error|Timeout)",
        Cause.BUILD,
        "Installing runs code that downloads something, and the download failed.",
        "Put what is downloaded into the repository, or ask for a version that brings it along.",
    ),
)  # fmt: skip

_OURS = (
    signature(
        rf"Failed to fetch: `?https?://[^\s`]{{1,300}}/(?:simple|packages)/[^\n]{{0,300}}{_THEN}"
        rf"[^\n]*{_NOT_REACHED}",
        Cause.INFRASTRUCTURE,
        "The portal could not reach the package index.",
        _AGAIN,
    ),
    signature(
        r"connection broken by '(?:NewConnectionError|SSLError|ConnectTimeoutError|ProtocolError"
        r"|ReadTimeoutError|NameResolutionError)[^\n]{0,2000}/simple/[^\n]*"
        r"(?:\n[^\n]{0,2000}){1,12}?[^\n]*from versions: none\)(?:\n[^\n]*No matching distribution"
        r"[^\n]*)?|An index \(https?://[^\n]{1,300}\) returned a [45]\d\d",
        Cause.INFRASTRUCTURE,
        "The portal could not reach the package index.",
        _AGAIN,
    ),
    signature(
        r"Temporary failure resolving '[^\n]*(?:(?:\n[^\n]{0,300}){1,20}?[^\n]*E: Unable to locate"
        r"[^\n]*)?|Could not (?:connect to|resolve) '?[\w.-]{1,80}:?(?:80"
        r"|443)?'?"
        r"(?: \(| *$)|Unable to connect to [\w.-]{1,80}:"
        r"|E: Failed to fetch https?://\S{1,300}/pool/",
        Cause.INFRASTRUCTURE,
        "The portal could not reach the mirror of the system's packages.",
        _AGAIN,
    ),
    signature(
        r"failed to (?:resolve source metadata|do request|authorize|fetch oauth token)[^\n]{0,400}"
        r"(?:no such host|i/o timeout|connection refused|TLS handshake|EOF|50\d )|toomanyrequests:"
        r"|dial tcp[^\n]{0,200}(?:no such host|i/o timeout|connection refused)",
        Cause.INFRASTRUCTURE,
        "The portal could not reach the image registry.",
        _AGAIN,
    ),
    signature(
        r"failed to create endpoint \S+ on network|could not find bridge|OCI runtime create failed"
        r"|failed to create shim task|error creating overlay mount|unable to find user root",
        Cause.INFRASTRUCTURE,
        "The portal's container engine could not start a step of the build.",
        _AGAIN,
    ),
)

_RESOURCES = (
    signature(
        # Builds have no disk of their own: whatever filled it, it is the portal's that is full.
        r"No space left on device|Disk quota exceeded",
        Cause.INFRASTRUCTURE,
        "The disk of the portal's container engine is full.",
        "Nothing is wrong with the repository. The portal will try again.",
    ),
    signature(
        r"Killed signal terminated program|virtual memory exhausted|std::bad_alloc|exit code: 137"
        r"|Cannot allocate memory|signal: 9, SIGKILL",
        Cause.RESOURCES,
        "The build asked for more memory than it was given.",
        "Ask for versions that are published ready built, so that nothing large is compiled.",
    ),
    signature(
        r"can't start new thread|[Rr]esource temporarily unavailable|vfork: retry",
        Cause.RESOURCES,
        "The build started more processes than it was given.",
        "Compile with fewer processes at once, for instance `make -j2`.",
    ),
)

_REQUIREMENTS = (
    signature(
        r"You require CPython (?P<python>[\d.]{1,10})[^\n]{0,60}we only found wheels for "
        r"`(?P<what>[^`\n]{1,80})` \((?P<version>[^)\n]{1,40})\)[^\n]{0,80}tags?: "
        r"(?P<tags>[^\n]{1,160})",
        Cause.RESOLVE,
        "“{what}” {version} was never built for Python {python}, only for {tags}.",
        "Loosen its version, or name a Python that it was built for in reprise.toml.",
    ),
    signature(
        r"(?<!\S)(?P<what>[\w.\[\],-]{1,80}(?:[=<>!~]=?[^\s]{1,40})?) has no "
        r"(?:usable wheels|wheels with a matching [\w ]{1,40})",
        Cause.RESOLVE,
        "“{what}” was never built for this Python and this kind of machine.",
        "Loosen its version, or name a Python that it was built for in reprise.toml.",
    ),
    signature(
        r"`(?P<what>[^`\n]{1,80})` was filtered by `exclude-newer` to only include packages "
        r"uploaded before (?P<day>[\d-]{10})[^\n]{0,200}",
        Cause.RESOLVE,
        "On the day that the packages are taken from ({day}), there was no fitting “{what}”.",
        "Choose a later day under `as_of` in reprise.toml, or loosen the version.",
    ),
    signature(
        r"the current Python version \((?P<python>[\d.]{1,12})\) does not satisfy "
        r"Python(?P<asked>[^\s]{1,60})(?: and (?P<what>[^\s]{1,100}) depends on)?",
        Cause.RESOLVE,
        "“{what}” asks for Python {asked}, and the environment has {python}.",
        "Name a Python that fits in reprise.toml, or loosen the version of the package.",
    ),
    signature(
        r"Package '(?P<what>[^'\n]{1,80})' requires a different Python: (?P<python>[\d.]{1,12}) "
        r"not in '(?P<asked>[^'\n]{1,60})'",
        Cause.RESOLVE,
        "“{what}” asks for Python {asked}, and the environment has {python}.",
        "Name a Python that fits in reprise.toml, or loosen `requires-python`.",
    ),
    signature(
        r"`sklearn` is often confused for|The 'sklearn' PyPI package is deprecated",
        Cause.RESOLVE,
        "The requirements name “sklearn”; the package of that library is called scikit-learn.",
        "Write scikit-learn instead of sklearn.",
    ),
    signature(
        r"(?<!\S)(?P<what>[\w.-]{1,80}(?:==[\w.+!-]{1,40})?) has a non-PEP 625-compliant source",
        Cause.RESOLVE,
        "“{what}” was published in a form that today's installers do not take any more.",
        "Ask for a newer version of it.",
    ),
    signature(
        r"Because (?:only )?(?P<what>[\w.\[\],-]{1,80}(?:[=<>!~]=?\S{1,60})?) "
        r"(?:was|is|are|were) yanked",
        Cause.RESOLVE,
        "“{what}” was withdrawn by its authors.",
        "Ask for another version of it.",
    ),
    signature(
        r"Because (?:there (?:is|are) no versions? of )?(?P<what>\S{1,100})\s{1,30}"
        r"(?:was\s{1,30}not\s{1,30}found|and\s{1,30}you\s{1,30}require)",
        Cause.RESOLVE,
        "The package “{what}” that the repository asks for cannot be had in that version.",
        _LOOSEN,
    ),
    signature(
        r"Because only (?P<has>\S{1,80}) is available and (?:you require |\S{1,80} depends on )"
        r"(?P<what>[^\s]{1,100}?),? ",
        Cause.RESOLVE,
        "“{what}” is asked for, and the index has only {has}.",
        _LOOSEN,
    ),
    signature(
        r"No matching distribution found for (?P<what>\S{1,100})",
        Cause.RESOLVE,
        "No set of packages satisfies what the repository asks for: there is no “{what}” for this "
        "Python.",
        _LOOSEN,
    ),
    signature(
        r"Hash mismatch for [`'](?P<what>[^`'\n]{1,100})|"
        r"THESE PACKAGES DO NOT MATCH THE HASHES",
        Cause.RESOLVE,
        "A package on the index differs from the one that was locked. {what}",
        "Lock the requirements again, with hashes that you trust.",
    ),
    signature(
        r"(?:Couldn't parse requirement in `[^`\n]{1,200}`|Failed to parse: `[^`\n]{1,200}`"
        r"|Unexpected '[^'\n]{1,20}', expected [^\n]{1,120}|Invalid requirement: [^\n]{1,200})"
        r"(?:\n[^\n]{0,200})?",
        Cause.RESOLVE,
        "A line of the requirements cannot be read.",
        "Correct the line that the message names: name==version, one a line.",
    ),
    signature(
        r"error: File not found: (?P<what>[^\n]{1,200})"
        r"|Could not open requirements file: [^\n]{0,60}'(?P<too>[^'\n]{1,200})'",
        Cause.RESOLVE,
        "The requirements name a file that is not in the repository: {what}{too}.",
        "Commit the file, or leave its line out.",
    ),
    signature(
        r"(?:poetry\.lock|uv\.lock|Pipfile\.lock|lock ?file)[^\n]{0,120}"
        r"(?:is not up to date|is out of date|needs to be updated|changed significantly)",
        Cause.RESOLVE,
        "The lock file does not fit what the project declares.",
        "Lock again and commit the lock file.",
    ),
    signature(
        r"(?:ResolvePackageNotFound|PackagesNotFoundError|LibMambaUnsatisfiableError"
        r"|UnsatisfiableError|nothing provides (?P<what>[^\s]{1,80}))",
        Cause.RESOLVE,
        "The conda channels do not have what environment.yml asks for. {what}",
        "Leave out the builds (“=py37_0”) and loosen the versions in environment.yml.",
    ),
    signature(
        r"pull access denied for (?P<what>[^\s,]{1,150})"
        r"|manifest for (?P<too>[^\s]{1,150}) not found|manifest unknown"
        r"|(?<!\S)(?P<three>[\w./:-]{1,150}): not found$",
        Cause.RESOLVE,
        "The image that the Dockerfile starts from cannot be had. {what}{too}{three}",
        "Start from a public image that exists, such as python:3.11-slim.",
    ),
    signature(
        r"E: (?:Unable to locate package (?P<what>\S{1,80})"
        r"|Package '(?P<too>[^'\n]{1,80})' has no installation candidate)",
        Cause.BUILD,
        "The system package “{what}{too}” does not exist in this image's Debian release.",
        "Check the name under system_packages (or in your Dockerfile).",
    ),
)

_DRIFT = (
    signature(
        r"use_2to3 is invalid",
        Cause.BUILD,
        "A package was written for Python 2 and translated while it was installed, which "
        "setuptools does no more.",
        "Ask for a newer version of the package.",
    ),
    signature(
        r"SyntaxError: Missing parentheses in call to '(?:print|exec)'"
        r"|SyntaxError: multiple exception types must be parenthesized",
        Cause.BUILD,
        "Installing runs code that is written for Python 2.",
        "Ask for a newer version of the package, or leave it out.",
    ),
    signature(
        r"No module named '(?P<what>distutils|imp|asyncore|asynchat|smtpd|cgi|pipes|crypt"
        r"|telnetlib|lib2to3)\b",
        Cause.BUILD,
        "Installing needs “{what}”, which newer Pythons have no more.",
        _NEWER,
    ),
    signature(
        r"module '(?P<what>\w{1,30})' has no attribute '(?P<part>SafeConfigParser|ImpImporter"
        r"|find_loader|readfp)'",
        Cause.BUILD,
        "Installing uses “{part}” of Python's own {what}, which newer Pythons have no more.",
        _NEWER,
    ),
    signature(
        r"'(?P<what>\w{1,30})' object has no attribute '(?P<part>isAlive|getchildren|readfp)'"
        r"|module 'inspect' has no attribute 'getargspec'|'install_layout'",
        Cause.BUILD,
        "Installing uses a part of Python that newer Pythons have no more.",
        _NEWER,
    ),
    signature(
        r"(?:No module named|name) '(?:pkg_resources)'",
        Cause.BUILD,
        "Installing needs pkg_resources, which newer setuptools have no more.",
        "Name setuptools<81 under [build-system] requires in pyproject.toml, "
        "or ask for a newer version of the package.",
    ),
    signature(
        r"cannot import name '(?P<part>\w{1,60})' from '(?P<what>setuptools|pkg_resources|distutils"
        r"|numpy\.distutils)[\w.]{0,60}'|module '(?P<too>setuptools"
        r"|pkg_resources)[\w.]{0,60}' has no "
        r"attribute|name 'CCompiler' is not defined|unexpected keyword argument 'dry_run'"
        r"|No module named 'setuptools\.[\w.]{1,60}'|No module named 'numpy\.distutils"
        r"|canonicalize_version\(\) got an unexpected",
        Cause.BUILD,
        "Installing uses parts of setuptools or of numpy's build tools that newer ones have no "
        "more.",
        "Ask for a newer version of the package, or set `as_of` in reprise.toml to the day of your "
        "work.",
    ),
    signature(
        r"fatal error: longintrepr\.h: No such file|has no member named '(?:tp_print|ob_digit|"
        r"curexc_type|use_tracing|exc_type|f_lineno|co_varnames|ob_shash)'"
        r"|(?:implicit declaration of function|undeclared[^\n]{0,40}) ['‘]_?Py\w{1,60}['’]"
        r"|too few arguments to function ['‘]_?Py\w{1,60}['’]",
        Cause.BUILD,
        "The C code of a package was made for an older Python and does not fit this one.",
        _NEWER,
    ),
    signature(
        r"Cython\.Compiler\.Errors\.CompileError|Cannot assign type '[^'\n]{1,120}' to "
        r"'[^'\n]{1,120}'\. Exception values",
        Cause.BUILD,
        "The Cython code of a package is refused by a newer Cython.",
        "Name cython<3 under [build-system] requires in pyproject.toml, or ask for a newer "
        "version.",
    ),
    signature(
        r"Compatibility with CMake < [\d.]{1,6} has been removed",
        Cause.BUILD,
        "The project's CMakeLists.txt is written for a CMake older than those of today.",
        "Raise cmake_minimum_required to 3.5 or more.",
    ),
    signature(
        r"Error: (?:Rank|Type) mismatch (?:in argument|between actual argument)[^\n]{0,120}",
        Cause.BUILD,
        "The Fortran code is refused by newer gfortran: the arguments of a call do not agree.",
        "Compile with -fallow-argument-mismatch (or -std=legacy), or correct the call.",
    ),
    signature(
        r"error: [^\n]{0,200}\[-Wimplicit-(?:function-declaration|int)\]"
        r"|error: [^\n]{0,200}\[-W(?:incompatible-pointer-types|int-conversion)\]"
        r"|multiple definition of [`'][\w.]{1,80}",
        Cause.BUILD,
        "The C code is refused by a newer compiler, which is stricter than that of its time.",
        "Declare what is used, or compile with -std=gnu89 and -fcommon.",
    ),
)

_MACHINE = (
    signature(
        r"MATLAB [\w ]{0,40}not (?:found|installed)",
        Cause.UNSUPPORTED,
        "The build needs MATLAB, which is commercial software and not to be had here.",
        "Leave matlabengine out of the requirements, and check in what it computed.",
    ),
    signature(
        r"CUDA_HOME environment variable is not set|nvcc[^\n]{0,30}not found"
        r"|fatal error: cuda\w*\.h"
        r"|CUDA_(?:TOOLKIT_ROOT_DIR|PATH)[^\n]{0,60}not (?:found|specified|set)"
        r"|No CUDA (?:runtime|toolset) (?:is )?found|find[^\n]{0,20}[`']?nvcc"
        r"|No such file or directory: '[^'\n]{0,80}nvcc'",
        Cause.UNSUPPORTED,
        "The build needs NVIDIA's CUDA compiler, and this portal has no graphics cards.",
        "Make the part that needs CUDA optional, or ask for a CPU build of the package.",
    ),
    signature(
        NO_COMPILER,
        Cause.BUILD,
        "The build needs a compiler or a build tool that the image does not have.",
        'Name it in reprise.toml, for instance system_packages = ["gcc", "gfortran"].',
        packages=True,
    ),
    signature(
        r"fatal error: (?P<header>[\w./+-]{1,120}): No such file|"
        r"Cannot open (?:include|module) file ['‘](?P<too>[\w./+-]{1,120})",
        Cause.BUILD,
        "The build needs the header “{header}{too}”, which the image does not have.",
        _NAME_PACKAGE,
        packages=True,
    ),
    signature(
        r"cannot find -l(?P<what>[\w.+-]{1,60})|"
        r"(?P<too>lib[\w.+-]{1,60}\.so[\d.]{0,10}): cannot open shared object",
        Cause.BUILD,
        "The build needs the library “{what}{too}”, which the image does not have.",
        _NAME_PACKAGE,
        packages=True,
    ),
    signature(
        r"Dependency \"(?P<what>[\w.+-]{1,60})\" not found"
        r"|No package '(?P<two>[\w.+-]{1,60})' found"
        r"|CMake Error[^\n]{0,300}\n[^\n]{0,40}?Could NOT find (?P<three>[\w.+-]{1,60})"
        r"|configuration file provided by \"(?P<four>[\w.+-]{1,60})\"",
        Cause.BUILD,
        "The build needs the library “{what}{two}{three}{four}”, which the image does not have.",
        _NAME_PACKAGE,
        packages=True,
    ),
    signature(
        r"Did not find netCDF|Unable to load dependency HDF5|Could not find (?:a local )?HDF5"
        r"|libxml2 and libxslt development packages|Cannot compile MPI programs"
        r"|Could not find library geos_c|Can not find valid pkg-config name|FFTW header"
        r"|(?:Blas|Lapack)NotFoundError|[Ll]apack libraries (?:are )?not found"
        r"|requested Boost libraries|development files not found"
        r"|files could not be found for \w{1,30},"
        r"|find any of the requested packages|\w{1,40} is not installed or not in path",
        Cause.BUILD,
        "The build needs a scientific library that the image does not have.",
        _NAME_PACKAGE,
        packages=True,
    ),
    signature(
        r"Program '(?P<one>[\w.+-]{1,40})' not found"
        r"|(?<![\w.-])(?P<two>[\w.-]{1,40}) executable not found"
        r"|(?:find|run|execute) [`'‘]?(?P<three>gdal-config|pg_config|mysql_config|nf?c?-config|dot"
        r"|qmake|swig|R|java|javac)\b"
        r"|No such file or directory: '(?P<four>gdal-config|pg_config|mysql_config|swig|pkg-config"
        r"|dot|R|java|javac|git|ninja|mpicc|cargo|rustc)'"
        r"|(?P<five>pkg-config) probably not installed|working (?P<six>qmake)"
        r"|can't find (?P<seven>Rust) compiler|Cargo, the (?P<eight>Rust) package manager, is not"
        r"|determine (?P<nine>R) home|: (?P<ten>[\w.+-]{1,40}): (?:command )?not found",
        Cause.BUILD,
        "The build calls “{one}{two}{three}{four}{five}{six}{seven}{eight}{nine}{ten}”, which the "
        "image does not have.",
        _NAME_PACKAGE,
        packages=True,
    ),
    signature(
        r"undefined reference to `(?P<what>[^'\n]{1,80})'",
        Cause.BUILD,
        "Linking failed: nothing that was named has the function “{what}”.",
        "Name the library that has it after the files that use it, for instance -lm.",
        packages=True,
    ),
)

_PROJECT = (
    signature(
        r"Cython(?:>=[\d.]{1,8})? and NumPy are required|[Cc]ython (?:is required"
        r"|must be installed)",
        Cause.BUILD,
        "Installing a package needs numpy and Cython to be there beforehand.",
        "Name them under [build-system] requires in pyproject.toml.",
    ),
    signature(
        r"ModuleNotFoundError: No module named '(?P<what>[^'\n]{1,80})'",
        Cause.BUILD,
        "Installing the project failed because its set-up code imports “{what}”.",
        "Name it under [build-system] requires in pyproject.toml.",
    ),
    signature(
        r"unable to detect version for (?P<what>[^\s]{1,100})"
        r"|Unable to determine version from git|[Vv]ersioneer[^\n]{0,40}unable to",
        Cause.BUILD,
        "The project takes its version from git's history, which is not in the image.",
        "Give a `fallback_version` to setuptools-scm in pyproject.toml.",
    ),
    signature(
        r"Invalid version: '(?P<what>[^'\n]{1,80})'",
        Cause.BUILD,
        "“{what}” is no version that installers take.",
        "Write it as numbers with dots, such as 1.2.0.",
    ),
    signature(
        r"Multiple top-level (?:packages|modules) discovered in a flat-layout:"
        r" (?P<what>[^\n]{1,200})",
        Cause.BUILD,
        "It is not said which folders are the package: there are several ({what}).",
        "Name them under [tool.setuptools] packages in pyproject.toml.",
    ),
    signature(
        r"No file/folder found for package (?P<what>[^\s]{1,80})"
        r"|Unable to determine which files to ship inside the wheel"
        r"|package directory '(?P<too>[^'\n]{1,80})' does not exist",
        Cause.BUILD,
        "The folder of the package “{what}{too}” is not where the project's set-up says.",
        "Correct the package's name or folder in pyproject.toml or setup.py.",
    ),
    signature(
        r"Readme file does not exist: (?P<what>[^\n]{1,120})|FileNotFoundError: [^\n]{0,60}"
        r"No such file or directory: '(?P<too>[^'\n]{1,200})'",
        Cause.BUILD,
        "Installing the project reads “{what}{too}”, which is not in the repository.",
        "Commit the file, or do without it in setup.py.",
    ),
    signature(
        r"invalid pyproject\.toml config|TOML parse error|TOMLDecodeError"
        r"|Invalid `pyproject\.toml`",
        Cause.BUILD,
        "pyproject.toml cannot be read, or lacks something that it must say.",
        "Correct what the message names.",
    ),
    signature(
        r"error in (?P<what>[^\s]{1,80}) setup command: (?P<why>[^\n]{1,200})",
        Cause.BUILD,
        "The set-up of “{what}” is refused: {why}",
        "Correct it in setup.py; if it is another's package, ask for a newer version.",
    ),
    signature(
        r"does not appear to be a Python project|neither [`']setup\.py[`'] nor [`']pyproject\.toml",
        Cause.BUILD,
        "A folder is to be installed that is no Python package.",
        "Correct the path in the requirements, or add a pyproject.toml there.",
    ),
    signature(
        r"failed to (?:compute cache key|calculate"
        r" checksum)[^\n]{0,200}\"(?P<what>[^\"\n]{1,120})\": "
        r"not found|COPY failed: [^\n]{1,200}",
        Cause.BUILD,
        "The Dockerfile copies a file that is not in the repository. {what}",
        "Commit the file, or correct the path in the Dockerfile.",
    ),
    signature(
        r"there is no package called ['‘](?P<what>[\w.]{1,60})",
        Cause.BUILD,
        "The R package “{what}” is not installed.",
        "Name its Debian package under system_packages, such as r-cran-{what} in small letters.",
    ),
    signature(
        r"make(?:\[\d{1,3}\])?: \*\*\* No rule to make target ['`](?P<what>[^'\n]{1,120})'"
        r"|\*\*\* No targets specified and no makefile found",
        Cause.BUILD,
        "make does not find what it is to build from. {what}",
        "Commit the file that the Makefile names; check in which folder make is started.",
    ),
)

_GENERAL = (
    signature(
        r"Temporary failure in name resolution|client error \(Connect\)|NewConnectionError"
        r"|error trying to connect|certificate verify failed|invalid peer certificate",
        Cause.INFRASTRUCTURE,
        "The portal could not reach the package index or the image registry.",
        _AGAIN,
    ),
    signature(
        r"error: [Cc]ommand [^\n]{0,300}failed with exit (?:code|status) \d{1,3}"
        r"|(?:error: )?ld returned 1 exit status|ninja: build stopped",
        Cause.BUILD,
        "The compiler refused the code.",
        "Look for the first line with “error:” in the log of the build.",
    ),
    signature(
        r"CMake Error(?: at [^\n]{1,200})?:?[^\n]{0,200}|make(?:\[\d{1,3}\])?: \*\*\* [^\n]{1,200}"
        r"|configure: error: [^\n]{1,200}",
        Cause.BUILD,
        "The project's own build (make, CMake or configure) stopped with an error.",
        "Run it in a fresh clone; what it prints is what the portal saw.",
        packages=True,
    ),
    signature(
        r"No solution found when resolving|ResolutionImpossible"
        r"|Could not find a version that satisfies the requirement|conflicting dependencies",
        Cause.RESOLVE,
        "No set of packages satisfies what the repository asks for.",
        "Two requirements contradict each other, or a version no longer exists for this Python.",
    ),
    signature(
        r"Failed to build [`']?(?P<what>[\w.-]{1,80}(?:==[\w.+!-]{1,40})?)"
        r"|Failed building wheel for (?P<too>[\w.-]{1,80})",
        Cause.BUILD,
        "The package “{what}{too}” could not be built.",
        _NEWER,
    ),
    signature(
        r"metadata-generation-failed|subprocess-exited-with-error|build backend returned an error",
        Cause.BUILD,
        "A package's own set-up code failed.",
        _SETTLE,
    ),
)

BUILD_SIGNATURES = Signatures(
    special=(
        *_AUTHORS_ADDRESSES,
        *_OURS,
        *_RESOURCES,
        *_DRIFT,
        *_MACHINE,
        *_REQUIREMENTS,
        *_PROJECT,
    ),
    general=_GENERAL,
    last=True,
)
