"""What goes wrong when a model's tests or its command run."""

from registry.spec.ladder import Cause
from runners.diagnosis.drift import DRIFT, PYTHON_2
from runners.diagnosis.signature import Signatures, signature

_NAME_PACKAGE = "Name the Debian package that carries it under system_packages in reprise.toml."
_INTO_REPOSITORY = "Put the data that it loads into the repository and name it under `inputs`."
_REQUIRE = "Add the package that provides it to requirements.txt or pyproject.toml."
_SMALLER = "Use a smaller case for the check, or ask for more under `resources` in reprise.toml."
_RELATIVE = "Commit it, or have the code create it; check that the path is relative."
_LOCAL = "Build or run the model where that is at hand, and check in what it computed."

_MACHINE = (
    signature(
        r"Found no NVIDIA driver|Torch not compiled with CUDA enabled|CUDA error: "
        r"|CUDA driver version is insufficient|No CUDA GPUs are available|no CUDA-capable device"
        r"|cudaError(?:NoDevice|InsufficientDriver)|CudaSupportError"
        r"|CUDARuntimeError|Attempting to deserialize object on a CUDA device"
        r"|(?:ImportError|OSError): libcu(?:da|dart|dnn|blas|solver|fft)[\w.]{0,30}: cannot open"
        r"|clGetPlatformIDs failed"
        r"|Expected a 'cuda' device type",
        Cause.UNSUPPORTED,
        "The code needs a graphics card, and this portal has none.",
        'Let it fall back to the processor: device = "cuda" only if torch.cuda.is_available(), '
        'and map_location="cpu" when loading.',
    ),
    signature(
        r"no display name and no \$DISPLAY|[Cc]ould not connect to (?:any )?(?:X )?display"
        r"|Could not load the Qt platform plugin \"xcb\"|no Qt platform plugin could be initialized"
        r"|Cannot load backend '\w{1,20}' which requires the '\w{1,20}' interactive framework"
        r"|[Cc]annot open display|NoSuchDisplayException|Unable to access the X Display"
        r"|bad X server connection|(?:X11|GLX?FW)[^\n]{0,40}(?:DISPLAY|[Ff]ailed to (?:open"
        r"|initialize))",
        Cause.UNSUPPORTED,
        "The code opens a window, and there is no screen here.",
        "Draw into files: set MPLBACKEND=Agg, or matplotlib.use(\"Agg\") before pyplot is "
        "imported.",
    ),
    signature(
        r"[Mm]odel too large for size-limited license|No Gurobi license found"
        r"|GurobiError: [^\n]{0,80}"
        r"licen[sc]e|err_(?:missing_license|license)[\w]{0,30}|MOSEK[^\n]{0,80}licen[sc]e"
        r"|Promotional version\. Problem size limits|(?:License|Licensing) (?:checkout"
        r"|error)[^\n]{0,80}"
        r"|No valid (?:licen[sc]e|CPLEX)|FLEXnet Licensing|licen[sc]e (?:has expired|server)",
        Cause.UNSUPPORTED,
        "The code needs software with a licence that this portal does not have.",
        "Let a free solver do the check (for instance HiGHS, CBC or GLPK), or use a smaller case.",
    ),
    signature(
        r"(?:^|[ :])(?P<what>matlab|wolframscript|math|mathematica|maple|idl|stata|sas|comsol"
        r"|ansys\w*"
        r"|abaqus|mcc|mex): (?:command )?not found"
        r"|No module named '(?P<too>matlab|wolframclient|comsol|mph)\b"
        r"|No such file or directory: '(?P<three>matlab|wolframscript|comsol|maple|idl)'",
        Cause.UNSUPPORTED,
        "The code needs {what}{too}{three}, which is commercial software and not to be had here.",
        _LOCAL,
    ),
    signature(
        r"No module named '(?P<what>win32\w{2,10}|winreg|_winreg|msvcrt|winsound|pythoncom"
        r"|pywintypes"
        r"|clr|wmi)'|(?:cannot import name|has no attribute) '(?P<too>windll|WinDLL|startfile)'"
        r"|cannot execute binary file|[Ee]xec format error",
        Cause.UNSUPPORTED,
        "The code is made for Windows or another kind of machine. {what}{too}",
        "Let the check run a part that works on Linux.",
    ),
    signature(
        r"(?:^|[ :])(?P<what>sbatch|srun|qsub|bsub|module|conda|mamba|aprun|jsrun|sudo|docker"
        r"|singularity|apptainer|python2(?:\.\d)?): (?:command )?not found",
        Cause.UNSUPPORTED,
        "The command calls “{what}”, which belongs to a cluster or another kind of machine.",
        "Name a command that does the work itself.",
    ),
    signature(
        r"mpirun has detected an attempt to run as root|There are not enough slots available"
        r"|(?:orte|opal|prte|pmix|PMIx)_\w{0,12}init[^\n]{0,60}failed|ORTE_ERROR|MPI_ERR_SPAWN",
        Cause.RESOURCES,
        "MPI could not start as many processes as the code asks for.",
        "Ask for two processes at most, or add --oversubscribe to mpirun.",
    ),
    signature(
        r"Illegal instruction|SIGILL|was compiled with instruction set[^\n]{0,80}not supported"
        r"|requires? (?:AVX|AVX2|AVX512|SSE4)[\w.]{0,4}\b",
        Cause.UNSUPPORTED,
        "A compiled part asks for instructions that this processor does not have.",
        "Compile without -march=native; leave compiled files out of the repository.",
    ),
    signature(
        r"EOFError: EOF when reading a line",
        Cause.UNSUPPORTED,
        "The program waits for somebody to type an answer.",
        "Let it take its input from arguments or a file.",
    ),
    signature(
        r"(?:<frozen os>|os\.py)\"?, line \d{1,5}, in __getitem__[^\n]*\n(?:[^\n]{0,200}\n){0,3}?"
        r"[^\n]{0,20}KeyError: '(?P<what>[A-Z][A-Z0-9_]{1,60})'",
        Cause.DATA,
        "The code wants the environment variable “{what}”.",
        "Give it a default in the code: os.environ.get(…).",
    ),
    signature(
        r"\[Errno 38\] Function not implemented|This platform lacks a functioning sem_open"
        r"|\[Errno 1\] Operation not permitted: '(?P<what>[^'\n]{1,100})'",
        Cause.UNSUPPORTED,
        "The code asks for something that a closed container does not allow.",
        "Let the check run without it, for instance with one process.",
    ),
)  # fmt: skip

_PROGRAMS = (
    signature(
        r"make(?:\[\d{1,3}\])?: (?P<what>[\w.+-]{1,60}): (?:No such file or directory"
        r"|Permission denied)",
        Cause.BUILD,
        "The program “{what}” that make calls is not in the image.",
        'Name it in reprise.toml, for instance system_packages = ["g++", "make"].',
        packages=True,
    ),
    signature(
        r"(?:(?:sh|bash|zsh|ksh|csh|tcsh)(?:: line)?:? ?\d{0,6}|^[\w./-]{1,80}: line \d{1,6}"
        r"|^[\w./-]"
        r"{1,80}: \d{1,6}): (?P<what>[\w.+-]{1,60}): (?:command )?not found"
        r"|failed to run command ['‘](?P<two>[\w.+-]{1,60})['’]: No such file"
        r"|No such file or directory: '(?P<three>ffmpeg|ffprobe|java|javac|dot|neato|git|latex"
        r"|pdflatex"
        r"|dvipng|gs|gcc|g\+\+|gfortran|cc|c\+\+|make|cmake|mpirun|mpiexec|mpicc|R|Rscript"
        r"|octave|julia"
        r"|gnuplot|convert|pandoc|wget|curl|unzip|nrnivmodl|nrniv|obabel|samtools|bedtools|blastn"
        r"|gmsh|swig|xvfb-run|node|perl)'"
        r"|failed to execute PosixPath\('(?P<four>[\w.-]{1,40})'\)|\"(?P<five>dot"
        r"|neato)\" not found in"
        r"|MovieWriter \(?(?P<six>ffmpeg|imagemagick)\)? (?:not |un)available"
        r"|because (?P<seven>latex|dvipng) could not be found"
        r"|Bad (?P<eight>git) executable|find (?P<nine>ffmpeg) or avconv"
        r"|(?:No (?P<ten>JVM) shared library|(?P<eleven>JAVA)_HOME is not set)",
        Cause.BUILD,
        "The code calls “{what}{two}{three}{four}{five}{six}{seven}{eight}{nine}{ten}{eleven}”, "
        "which is not in the image.",
        _NAME_PACKAGE,
        packages=True,
    ),
    signature(
        r"(?:ImportError|OSError): (?P<what>lib[\w.+-]{1,60}\.so[\d.]{0,12}): cannot open shared"
        r" object"
        r"|error while loading shared libraries: (?P<too>\S{1,80}?):"
        r"|(?P<three>PortAudio|sndfile) library not found|failed to find (?P<four>libmagic)"
        r"|cannot load library '(?P<five>[^'\n]{1,60})'",
        Cause.IMPORT,
        "The system library {what}{too}{three}{four}{five} is missing.",
        _NAME_PACKAGE,
        packages=True,
    ),
    signature(
        r"No module named '?(?P<what>_?tkinter)|unsupported locale setting"
        r"|C\+\+ compiler not found on system|[Nn]o (?:working|acceptable) C(?:\+\+)? ?compiler",
        Cause.BUILD,
        "The code needs a part of the system that the image does not have.",
        _NAME_PACKAGE,
        packages=True,
    ),
    signature(
        r"fatal error: (?P<what>[\w./+-]{1,120}): No such file"
        r"|cannot find -l(?P<too>[\w.+-]{1,60})",
        Cause.BUILD,
        "Compiling needs “{what}{too}”, which the image does not have.",
        _NAME_PACKAGE,
        packages=True,
    ),
    signature(
        r"Error: (?:Rank|Type) mismatch (?:in argument|between actual argument)[^\n]{0,120}",
        Cause.BUILD,
        "The Fortran code is refused by newer gfortran: the arguments of a call do not agree.",
        "Compile with -fallow-argument-mismatch (or -std=legacy), or correct the call.",
    ),
    signature(
        r"undefined reference to `(?P<what>[^'\n]{1,80})'",
        Cause.BUILD,
        "Linking failed: nothing that was named has the function “{what}”.",
        "Name the library that has it after the files that use it, for instance -lm.",
        packages=True,
    ),
    signature(
        r"No rule to make target ['`](?P<what>[^'\n]{1,120})'|\*\*\* No targets specified and no "
        r"makefile found|make: \*\*\* (?P<too>[^\s:]{1,120}): No such file",
        Cause.BUILD,
        "make does not find what it is to build from. {what}{too}",
        "Commit the file that the Makefile names; check in which folder make is started.",
    ),
    signature(
        r"there is no package called ['‘](?P<what>[\w.]{1,60})|could not find package ['‘]"
        r"(?P<too>[\w.]{1,60})",
        Cause.IMPORT,
        "The R package “{what}{too}” is not installed.",
        "Name its Debian package under system_packages: r-cran- and its name in small letters.",
    ),
    signature(
        r"ArgumentError: Package (?P<what>\w{1,60}) (?:not found in current path|\[)",
        Cause.IMPORT,
        "The Julia package “{what}” is not installed.",
        "Commit Project.toml and Manifest.toml, and run with --project.",
    ),
    signature(
        r"No such kernel named (?P<what>[\w.-]{1,60})"
        r"|Jupyter command `(?P<too>[\w-]{1,40})` not found",
        Cause.IMPORT,
        "The notebook asks for “{what}{too}” of Jupyter, which is not installed.",
        "Add ipykernel and nbconvert to the requirements, or save the notebook with the kernel "
        "python3.",
        packages=True,
    ),
    signature(
        r"\b(?P<what>\w{1,60}) is not a MECHANISM|argument not a density mechanism name"
        r"|'hoc\.HocObject' object has no attribute '(?P<too>\w{1,60})'"
        r"|nrn\.Segment' object has no attribute '(?P<three>\w{1,60})'",
        Cause.BUILD,
        "NEURON does not know a mechanism that the model uses: its .mod files were not compiled. "
        "{what}{too}{three}",
        "Commit the .mod files; nrnivmodl must run in the folder from which the model is started.",
    ),
    signature(
        r"hoc_execerror: Can't open +(?P<what>\S{1,120})|[Cc]ouldn't find: +(?P<too>\S{1,120}\.hoc)"
        r"|\b(?P<three>\w{1,60}) is not a template",
        Cause.DATA,
        "NEURON does not find a file or a template that the model loads: {what}{too}{three}.",
        "Commit the file, and start the model from the folder that it expects.",
    ),
)  # fmt: skip

_PYTEST = (
    signature(
        r"fixture '(?P<what>[\w.]{1,80})' not found",
        Cause.IMPORT,
        "The tests want the fixture “{what}”, which neither the repository nor a plug-in of pytest "
        "that is installed has.",
        "Name the plug-in of pytest under the test requirements, such as pytest-mock for “mocker”.",
    ),
    signature(
        r"error: unrecognized arguments: (?P<what>-[^\n]{1,160})",
        Cause.IMPORT,
        "pytest is called with options of a plug-in that is not installed: {what}.",
        "Name the plug-in under the test requirements, such as pytest-cov for “--cov”.",
    ),
    signature(
        r"(?:Unknown config option|Unknown config ini key): (?P<what>\w{1,60})"
        r"|Missing required plugins: (?P<too>[^\n]{1,120})|Error importing plugin \"(?P<three>[\w.]"
        r"{1,80})\"|async def functions are not natively suppo",
        Cause.IMPORT,
        "The tests need a plug-in of pytest that is not installed. {what}{too}{three}",
        "Name it under the test requirements, such as pytest-asyncio or pytest-timeout.",
    ),
    signature(
        r"'minversion' requires pytest-(?P<what>[\d.]{1,12})",
        Cause.RESOLVE,
        "The tests ask for pytest {what} or newer.",
        "Name that version under the test requirements.",
    ),
    signature(
        r"import file mismatch:",
        Cause.IMPORT,
        "Two test files have the same name in folders that are no packages.",
        "Rename one, add __init__.py to both folders, or run pytest with --import-mode=importlib.",
    ),
    signature(
        r"'(?P<what>[\w.-]{1,60})' not found in `markers` configuration option",
        Cause.TEST,
        "The tests bear the mark “{what}”, which the configuration of pytest does not list.",
        "List it under markers in pytest.ini or pyproject.toml.",
    ),
    signature(
        r"[Ff]ixture \"\w{1,80}\" called directly"
        r"|'yield' keyword is allowed in fixtures, but not in"
        r"|exceptions must be derived from Warning, not <class 'NoneType'>"
        r"|unexpected keyword arguments passed to pytest\.raises|yield tests were removed",
        Cause.TEST,
        "The tests are written for an older pytest.",
        "Ask for the pytest that you used, for instance pytest<4, under the test requirements.",
    ),
    signature(
        r"Start directory is not importable: '(?P<what>[^'\n]{1,120})'",
        Cause.TEST,
        "The folder of tests “{what}” is not there, or is no package.",
        "Correct the path in the test command, or add an __init__.py.",
    ),
)  # fmt: skip

# A file that bears a package's name must be known before the package is blamed.
_SHADOWED = (
    signature(
        r"partially initialized module '(?P<what>[\w.]{1,80})' (?:has no attribute|from)",
        Cause.IMPORT,
        "A file of the repository is called {what}.py and stands in the way of the package of that "
        "name, or two files import each other.",
        "Rename the file.",
    ),
    signature(
        r"No module named '[\w.]{1,120}'; '(?P<what>[\w.]{1,80})' is not a package",
        Cause.IMPORT,
        "A file of the repository is called {what}.py and stands in the way of the package of that "
        "name.",
        "Rename the file.",
    ),
)  # fmt: skip

_IMPORTS = (
    signature(
        r"No module named pip\b|Command '\[[^\n]{0,200}'pip3?', 'install'",
        Cause.IMPORT,
        "The code installs packages while it runs, and the network is off then.",
        "Name the packages in requirements.txt or pyproject.toml.",
    ),
    signature(
        r"attempted relative import (?:with no known parent package|beyond top-level package)",
        Cause.IMPORT,
        "A file that belongs to a package is run by itself.",
        "Run it as a part of its package: python -m package.module.",
    ),
    signature(
        r"No package metadata was found for (?P<what>[\w.-]{1,80})"
        r"|The '(?P<too>[\w.-]{1,80})[^'\n]{0,60}' distribution was not found",
        Cause.IMPORT,
        "The code asks which version of “{what}{too}” is installed, and it is not installed.",
        "Install the project itself: add a pyproject.toml, or -e . to the requirements.",
    ),
    signature(
        r"No module named '(?P<what>[\w]{1,60}\.[\w.]{1,100})'",
        Cause.IMPORT,
        "The code imports “{what}”, which the package of that name does not have.",
        "Pin the version that you used; if it is your own, check that it is committed and built.",
    ),
    signature(
        r"(?:ModuleNotFoundError: No module named|No module named) '?(?P<what>[\w.]{1,120})'?",
        Cause.IMPORT,
        "The code imports “{what}”, which is not installed.",
        _REQUIRE,
    ),
    signature(
        r"cannot import name '(?P<part>\w{1,60})' from '(?P<what>[\w.]{1,100})'",
        Cause.IMPORT,
        "“{part}” cannot be imported from “{what}”: it has no such name.",
        "Usually a package is newer than the code: pin the version that you used.",
    ),
    signature(
        r"(?:SyntaxError|IndentationError): (?P<what>[^\n]{1,120})",
        Cause.IMPORT,
        "Python cannot read the code: {what}. It is written for another Python, or has a slip.",
        "Name the Python that you used in reprise.toml, for instance python = \"3.12\".",
    ),
)  # fmt: skip

_DATA = (
    signature(
        r"version https://git-lfs\.github\.com/spec/v1|invalid load key, 'v'"
        r"|could not convert string (?:to float: )?'version'",
        Cause.DATA,
        "A data file is only a pointer to Git LFS: the data themselves are not in the repository.",
        "Commit the files without LFS, or deposit them and name address and checksum under "
        "`inputs`.",
    ),
    signature(
        r"Resource [^\n]{0,20}?(?P<what>[\w.-]{1,40})[^\n]{0,12} not found\.\n[^\n]{0,40}NLTK",
        Cause.DATA,
        "NLTK wants its data “{what}”, which it fetches from the network.",
        "Commit the data in a folder nltk_data and name the folder in NLTK_DATA.",
    ),
    signature(
        r"LocalEntryNotFoundError|OfflineModeIsEnabled"
        r"|couldn't connect to 'https://huggingface\.co'"
        r"|cannot find the (?:requested|appropriate) (?:files|snapshot folder)[^\n]{0,60}"
        r"|Can't load (?:tokenizer|the configuration|config|model) (?:for"
        r"|of) '(?P<what>[^'\n]{1,80})'",
        Cause.DATA,
        "The code fetches a model from Hugging Face, and the network is off while a model runs. "
        "{what}",
        _INTO_REPOSITORY,
    ),
    signature(
        r"Dataset not found(?: or corrupted)?\. You can use download=True"
        r"|Failed to construct dataset|tensorflow_datasets[\w.]{0,40}Error"
        r"|A (?:remote|local) file was found, but it seems to be incomplete"
        r"|URL fetch failure on (?P<what>\S{1,200})",
        Cause.DATA,
        "The code fetches a data set, and the network is off while a model runs. {what}",
        _INTO_REPOSITORY,
    ),
    signature(
        r"Temporary failure in name resolution|Name or service not known|Network is unreachable"
        r"|Failed to establish a new connection|urlopen error|gaierror|Could not resolve host"
        r"|Max retries exceeded with url|NameResolutionError|Cannot connect to host"
        r"|requests\.exceptions\.ConnectionError|cannot open URL '|Could not resolve hostname",
        Cause.DATA,
        "The code tried to reach the network, which is off while a model runs.",
        _INTO_REPOSITORY,
    ),
    signature(
        r"No such file or directory: ['\"](?P<what>(?:/home/|/Users/|/mnt/|/media/|/content/|/data/"
        r"|/scratch/|/kaggle/|/nfs/|[A-Za-z]:[\\/]|~)[^'\"\n]{0,200})['\"]",
        Cause.DATA,
        "The code reads “{what}”, a path of the machine where it was written.",
        "Make the path relative to the repository, and commit the file.",
    ),
    signature(
        r"FileNotFoundError: [^\n]{0,80}No such file or directory:"
        r" ['\"](?P<what>[^'\"\n]{1,200})['\"]"
        r"|FileNotFoundError: (?P<two>[^\n]{1,200}?) (?:not found|does not exist)"
        r"|unable to open file: name = '(?P<three>[^'\n]{1,200})', errno = 2"
        r"|(?:OSError|IOError): (?P<four>[^\s]{1,200}) not found"
        r"|Error opening ['\"]?(?P<five>[^'\"\n]{1,200}?)['\"]?: System error"
        r"|cannot open file '(?P<six>[^'\n]{1,200})': No such file"
        r"|Cannot open file '(?P<seven>[^'\n]{1,200})': No such file"
        r"|[Ff]ile b?'(?P<eight>[^'\n]{1,200})' does not exist"
        r"|can't cd to (?P<nine>\S{1,200})",
        Cause.DATA,
        "The file “{what}{two}{three}{four}{five}{six}{seven}{eight}{nine}” that the code reads is "
        "not in the repository.",
        _RELATIVE,
    ),
    signature(
        r"can't open file '(?P<what>[^'\n]{1,200})': \[Errno 2\]"
        r"|(?:ba)?sh: (?:0: )?(?:[Cc]an't open )?"
        r"(?P<too>[\w./-]{1,200}\.sh): No such file",
        Cause.DATA,
        "The script “{what}{too}” that is to run is not in the repository.",
        "Correct its path in the command, and the folder under `workdir`.",
    ),
    signature(
        r"file signature not found|cannot identify image file|File is not a zip file"
        r"|Not a gzipped file"
        r"|not a (?:valid )?(?:HDF5|FITS|NetCDF)|NetCDF: Unknown file format|!_src\.empty\(\)"
        r"|Ran out of input|Fortran runtime error: End of file|pickle data was truncated"
        r"|[Cc]annot load file containing pickled data|file contains pickled \(object\) data"
        r"|unexpected end of (?:file|data|input)",
        Cause.DATA,
        "A data file is empty, broken, missing, or of another kind than the code expects.",
        "Check that the file in the repository is whole, and no pointer to Git LFS.",
    ),
    signature(
        r"error: the following arguments are required: (?P<what>[^\n]{1,120})",
        Cause.TEST,
        "The command lacks arguments: {what}.",
        "Name them in the command, in reprise.toml under `run`.",
    ),
)  # fmt: skip

_RESOURCES = (
    signature(
        r"MemoryError(?::|$)|Cannot allocate memory|std::bad_alloc"
        r"|Unable to allocate [\d.]{1,8} [KMGTPE]?i?B"
        r"|DefaultCPUAllocator: can't allocate|out of memory|RESOURCE_EXHAUSTED"
        r"|OutOfMemoryError|cannot allocate vector of size",
        Cause.RESOURCES,
        "The code asked for more memory than it was given.",
        _SMALLER,
    ),
    signature(
        r"DataLoader worker[^\n]{0,80}(?:Bus error|killed by signal)|insufficient shared memory"
        r"|Can't open SHM",
        Cause.RESOURCES,
        "The code asked for more shared memory than it was given.",
        "Load data in the program itself, for instance with num_workers=0.",
    ),
    signature(
        r"No space left on device|Disk quota exceeded|File too large|File size limit exceeded",
        Cause.RESOURCES,
        "The code wrote more data than it was given room for.",
        "Write less, or use a smaller case for the check.",
    ),
    signature(
        r"can't start new thread|Resource temporarily unavailable|BlockingIOError"
        r"|pthread_create failed"
        r"|unable to allocate necessary resources for OMP thread|fork: retry",
        Cause.RESOURCES,
        "The code started more processes or threads than it was given.",
        "Set the number of threads under `determinism` in reprise.toml.",
    ),
    signature(
        r"Too many open files",
        Cause.RESOURCES,
        "The code opened more files at once than it may.",
        "Close files when they are read (with open(…) as file).",
    ),
    signature(
        r"^Killed\b|: line \d{1,6}: +\d{1,8} Killed\b|signal 9 \(Killed\)|SIGKILL",
        Cause.RESOURCES,
        "The program was stopped by force, most likely for want of memory.",
        _SMALLER,
    ),
    signature(
        r"Read-only file system: ?['\"]?(?P<what>[^'\"\n]{0,200})"
        r"|cannot create (?P<too>[^\n:]{1,200}): Read-only file system",
        Cause.UNSUPPORTED,
        "The code writes outside its working folder ({what}{too}), which is read-only here.",
        "Write into the working folder or into /tmp.",
    ),
    signature(
        r"PermissionError: \[Errno 13\] Permission denied: '(?P<what>/[^'\n]{1,200})'"
        r"|cannot create directory ['‘](?P<too>/[^'’\n]{1,200})['’]: Permission denied",
        Cause.UNSUPPORTED,
        "The code writes to {what}{too}, where it may not.",
        "Write into the working folder or into /tmp.",
    ),
    signature(
        r"(?:^|: )(?P<what>\./[\w./-]{1,120}): Permission denied",
        Cause.BUILD,
        "The file {what} is to be run, but is not marked as executable.",
        "git update-index --chmod=+x {what}",
    ),
)  # fmt: skip

_CRASHES = (
    signature(
        r"At line \d{1,7} of file (?P<where>[^\n]{1,120}?)(?: \(unit[^\n]{0,120})?\n"
        r"Fortran runtime error: (?P<what>[^\n]{1,200})",
        Cause.TEST,
        "The Fortran program stopped in {where}: {what}.",
        "Check its input, and the sizes of its arrays.",
    ),
    signature(
        r"Fortran runtime error: (?P<what>[^\n]{1,200})|forrtl: severe \(\d{1,4}\): (?P<too>[^\n]"
        r"{1,200})|ERROR STOP (?P<three>[^\n]{0,120})",
        Cause.TEST,
        "The Fortran program stopped: {what}{too}{three}.",
        "Check its input, and the sizes of its arrays.",
    ),
    signature(
        r"terminate called after throwing an instance of '(?P<what>[^'\n]{1,120})'"
        r"(?:\n\s{0,8}what\(\): {1,4}(?P<why>[^\n]{1,200}))?",
        Cause.TEST,
        "The C++ program stopped with an error that it does not handle: {what}. {why}",
        "Run the same command in a fresh clone and read the end of its log.",
    ),
    signature(
        r"Segmentation fault|SIGSEGV|double free (?:detected|or corruption)|free\(\): invalid"
        r"|malloc\(\): |munmap_chunk\(\)|\*\*\* stack smashing detected|Fatal Python error: Aborted"
        r"|corrupted size vs\. prev_size|Bus error",
        Cause.TEST,
        "The program crashed: it used memory that is not its own.",
        "Often two compiled packages do not belong together; otherwise run it under valgrind.",
    ),
    signature(
        r"Floating point exception|SIGFPE",
        Cause.TEST,
        "The program stopped at a forbidden operation on numbers, such as a division by zero.",
        "Run the same command in a fresh clone with a debugger.",
    ),
    signature(
        r"Assertion `(?P<what>[^\n]{1,160})' failed",
        Cause.TEST,
        "A condition that the program sets itself does not hold: {what}.",
        "Run the same command in a fresh clone and read the end of its log.",
    ),
)  # fmt: skip

_GENERAL = (
    signature(
        r"numba\.core\.errors\.\w{1,40}",
        Cause.IMPORT,
        "numba refuses code that an older numba took.",
        "Pin numba to the version that you used, or set `as_of` in reprise.toml to that day.",
    ),
    signature(
        r"'float' object cannot be interpreted as an integer",
        Cause.IMPORT,
        "A fraction stands where a whole number is meant, which older versions of Python and numpy "
        "took.",
        "Write // for a division of whole numbers, or pin the versions that you used.",
    ),
    signature(
        r"^E\s{1,8}(?P<what>[\w.]{0,60}(?:Deprecation|Future|User|Runtime|Syntax)Warning: "
        r"[^\n]{1,160})",
        Cause.TEST,
        "A library warns, and the tests take warnings for errors: {what}",
        "Pin the library, or let pytest ignore this warning (filterwarnings).",
    ),
    signature(
        r"InvalidGitRepositoryError|fatal: not a git repository",
        Cause.UNSUPPORTED,
        "The code asks git about its own history, which is not in the image.",
        "Let it go on without, for instance with a fixed version.",
    ),
    signature(
        r"ImportError while loading conftest '(?P<what>[^'\n]{1,200})'",
        Cause.IMPORT,
        "conftest.py could not be imported.",
        "Read the lines below it: usually a package is missing that only the tests need.",
    ),
    signature(
        r"ImportError: (?P<what>[^\n]{1,160})",
        Cause.IMPORT,
        "Something could not be imported: {what}.",
        "Usually a package is newer than the code: pin the version that you used.",
    ),
    signature(
        r"TypeError: (?P<what>[\w.]{1,80})\(\) (?:got an unexpected keyword argument "
        r"'(?P<part>\w{1,60})'|missing \d{1,2} required positional)",
        Cause.TEST,
        "“{what}” is called with other arguments than it takes. {part}",
        "If it is a library's, pin the version that you used.",
    ),
    signature(
        r"A process in the process pool was terminated abruptly|TerminatedWorkerError",
        Cause.RESOURCES,
        "A process that the code started was ended, most likely for want of memory.",
        _SMALLER,
    ),
    signature(
        r"PermissionError: \[Errno 13\]|Permission denied",
        Cause.UNSUPPORTED,
        "The code may not do what it tries to: read or write a file of the system, or run one.",
        "Write into the working folder or into /tmp.",
    ),
)  # fmt: skip

RUN_SIGNATURES = Signatures(
    special=(
        *_MACHINE,
        *_SHADOWED,
        *PYTHON_2,
        *DRIFT,
        *_PROGRAMS,
        *_PYTEST,
        *_DATA,
        *_RESOURCES,
        *_IMPORTS,
        *_CRASHES,
    ),
    general=_GENERAL,
    last=False,
)
