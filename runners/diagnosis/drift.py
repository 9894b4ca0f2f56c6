"""Libraries and Python itself have moved on since the code was written: names that are gone."""

from registry.spec.ladder import Cause
from runners.diagnosis.signature import signature

_PIN = "Pin {what} to the version that you used, or set `as_of` in reprise.toml to that day."
_PYTHON = 'Name the Python that you used in reprise.toml, for instance python = "3.9".'
_PORT = "Port it to Python 3 (the tool 2to3 does most of it); Python 2 cannot run here."
_NUMPY = "Ask for numpy<2 (for code before 2023: numpy<1.24), or correct the names."
_LIBRARIES = (
    r"numpy|scipy|pandas|matplotlib|mpl_toolkits|seaborn|networkx|sklearn|skimage|sympy|tensorflow"
    r"|keras|jax|jaxlib|flax|haiku|optax|torch|torchvision|pytorch_lightning|transformers"
    r"|astropy|h5py|numba|dask|xarray|statsmodels|pymc3?|theano|aesara|gym|gymnasium|rdkit|ase"
    r"|pymatgen|MDAnalysis|mdtraj|Bio|brian2|qutip|qiskit|cirq|pennylane|emcee|pytest|plotly|bokeh"
    r"|ipywidgets|IPython|nbformat|PIL|cv2|shapely|geopandas|cartopy|netCDF4|h5netcdf|zarr|nltk"
    r"|gensim|spacy|markupsafe|jinja2|flask|werkzeug|typing_extensions|traitlets|tables|lmfit"
    r"|uncertainties|pint|yt|healpy|galpy|simtk|openmm|pyscf|umap|tqdm|joblib|attr|attrs|click"
)
_STDLIB = (
    r"collections|inspect|time|fractions|asyncio|string|os|platform|math|array|base64|cgi|html"
    r"|gettext|importlib|pkgutil|unittest|configparser|typing|itertools|functools|dataclasses"
    r"|random|threading|xml[\w.]*|logging|locale|types|sys|re|io|abc|ast|enum|statistics|pathlib"
)

PYTHON_2 = (
    signature(
        r"SyntaxError: Missing parentheses in call to '(?P<what>print|exec)'",
        Cause.UNSUPPORTED,
        "The code is written for Python 2: its “{what}” is no Python 3.",
        _PORT,
    ),
    signature(
        r"SyntaxError: (?:multiple exception types must be parenthesized"
        r"|leading zeros in decimal integer literals)|TabError: [^\n]{1,100}",
        Cause.UNSUPPORTED,
        "The code is written for Python 2, and Python 3 cannot read it.",
        _PORT,
    ),
    signature(
        r"No module named '?(?P<what>ConfigParser|urllib2|urlparse|cPickle|cStringIO|StringIO"
        r"|Tkinter"
        r"|tkMessageBox|tkFileDialog|Queue|httplib|HTMLParser|__builtin__|cookielib|SocketServer"
        r"|xmlrpclib|md5|sets|commands|copy_reg|dummy_thread|thread)\b",
        Cause.UNSUPPORTED,
        "The code is written for Python 2: it imports “{what}”, which Python 3 calls otherwise.",
        _PORT,
    ),
    signature(
        r"NameError: name '(?P<what>xrange|unicode|raw_input|execfile|basestring|unichr"
        r"|long)' is not",
        Cause.UNSUPPORTED,
        "The code is written for Python 2: “{what}” is no Python 3.",
        _PORT,
    ),
    signature(
        r"'(?P<what>dict_keys|dict_values|dict_items|map|filter|zip)' object is not subscriptable",
        Cause.UNSUPPORTED,
        "The code is written for Python 2, where “{what}” gives a list.",
        _PORT,
    ),
    signature(
        r"'dict' object has no attribute '(?P<what>has_key|iteritems|itervalues|iterkeys)'",
        Cause.UNSUPPORTED,
        "The code is written for Python 2: dictionaries have no “{what}” in Python 3.",
        _PORT,
    ),
)  # fmt: skip

DRIFT = (
    signature(
        r"ModuleNotFoundError: No module named '(?P<what>distutils|imp|asyncore|asynchat|smtpd|cgi"
        r"|cgitb|pipes|crypt|telnetlib|nntplib|audioop|imghdr|sndhdr|uu|xdrlib|lib2to3|parser"
        r"|symbol"
        r"|formatter|binhex)\b",
        Cause.IMPORT,
        "The code imports “{what}”, which newer Pythons have no more.",
        _PYTHON,
    ),
    signature(
        r"No module named '(?P<what>pkg_resources)'",
        Cause.IMPORT,
        "The code imports pkg_resources, which newer setuptools have no more.",
        "Name setuptools<81 in the requirements, or use importlib.metadata instead.",
    ),
    signature(
        r"No module named '(?P<what>tomllib|zoneinfo|graphlib)'"
        r"|cannot import name '(?P<two>Self|pairwise|batched|override|StrEnum|TypeAlias|ParamSpec"
        r"|UnionType|NoneType|cache|Literal|Protocol|TypedDict|Annotated|assert_never)' from '"
        r"(?:typing|itertools|enum|types|functools)'|has no attribute '(?P<three>cbrt|lcm"
        r"|removeprefix)'"
        r"|dataclass\(\) got an unexpected keyword argument '(?P<four>\w{1,20})'"
        r"|unsupported operand type\(s\) for \|: 'type' and '(?P<five>\w{1,30})'",
        Cause.UNSUPPORTED,
        "The code is written for a newer Python than this one: “{what}{two}{three}{four}{five}”.",
        "Name the Python that you used in reprise.toml, for instance python = \"3.12\".",
    ),
    signature(
        r"numpy\.(?:dtype|ndarray|ufunc) size changed, may indicate binary incompatibility"
        r"|compiled using NumPy 1\.x cannot be run in|numpy\.core\.multiarray failed to import"
        r"|_ARRAY_API not found|module (?:was )?compiled against (?:API|ABI) version 0x",
        Cause.IMPORT,
        "A compiled package was built for another numpy than the one that is installed.",
        "Ask for numpy<2, or for versions of the packages that were built for numpy 2.",
    ),
    signature(
        r"Descriptors cannot (?:not )?be created directly|cannot import name 'builder' from "
        r"'google\.protobuf|'FieldDescriptor' object has no attribute 'label'"
        r"|Detected incompatible Protobuf",
        Cause.IMPORT,
        "A package was made for an older protobuf than the one that is installed.",
        "Ask for protobuf<3.21.",
    ),
    signature(
        r"module 'tensorflow' has no attribute '(?P<part>placeholder|Session|InteractiveSession"
        r"|ConfigProto|contrib|get_variable|variable_scope|reset_default_graph|app|flags|train"
        r"|global_variables_initializer|set_random_seed|random_uniform|random_normal|log|logging"
        r"|layers|GPUOptions|placeholder_with_default|enable_eager_execution)'"
        r"|No module named 'tensorflow\.contrib",
        Cause.IMPORT,
        "The code is written for TensorFlow 1, and TensorFlow 2 is installed. {part}",
        "Import tensorflow.compat.v1 as tf and call tf.disable_v2_behavior(); "
        "TensorFlow 1 itself needs Python 3.7.",
    ),
    signature(
        r"Weights only load failed|Unsupported (?:global|class|operand)[^\n]{0,80}weights_only",
        Cause.IMPORT,
        "torch.load of a newer PyTorch refuses files that hold more than numbers.",
        "Write torch.load(…, weights_only=False) for your own files, or ask for torch<2.6.",
    ),
    signature(
        r"`np\.(?P<part>\w{1,40})` was (?:removed in the NumPy|a deprecated alias)"
        r"|[Mm]odule 'numpy(?:\.\w{1,30})?' has no attribute '(?P<too>\w{1,40})'"
        r"|'numpy\.\w{1,20}' object has no attribute '(?P<three>\w{1,40})'",
        Cause.IMPORT,
        "The code is written for an older numpy: “{part}{too}{three}” is gone.",
        _NUMPY,
    ),
    signature(
        r"Object arrays cannot be loaded when allow_pickle=False"
        r"|The requested array has an inhomogeneous shape"
        r"|Unable to avoid copy while creating an array"
        r"|only 0-dimensional arrays can be converted to Python scalars"
        r"|Python integer -?\d{1,20} out of bounds for u?int\d{1,2}",
        Cause.IMPORT,
        "The code does what an older numpy allowed and this one refuses.",
        _NUMPY,
    ),
    signature(
        r"'(?P<kind>DataFrame|Series|Index|DatetimeIndex|MultiIndex"
        r"|DataFrameGroupBy)' object has no "
        r"attribute '(?P<part>append|ix|as_matrix|iteritems|sort|iterkv|get_value|set_value|lookup"
        r"|mad|swaplevel|to_datetime|is_monotonic|convert_objects|tshift|slice_shift|pad|backfill"
        r"|applymap|weekofyear|week|itertuple|from_csv|sortlevel|select|get_dtype_counts|ftypes)'",
        Cause.IMPORT,
        "The code is written for an older pandas: “{part}” of a {kind} is gone.",
        "Ask for pandas<2 (for `ix` and `as_matrix`: pandas<1), or correct the names.",
    ),
    signature(
        r"'(?P<part>\w{1,4})' is no longer supported for offsets",
        Cause.IMPORT,
        "The code is written for an older pandas: the frequency “{part}” is gone.",
        "Ask for pandas<2.2, or write the new name that the message gives.",
    ),
    signature(
        r"Population must be a sequence|non-integer (?:arg \d|stop|start|step) for randrange",
        Cause.IMPORT,
        "The code is written for an older Python, whose `random` took sets and fractions.",
        _PYTHON,
    ),
    signature(
        r"'(?P<part>seaborn[\w-]{0,30})' is not a valid package style"
        r"|'(?P<two>[\w.]{1,40})' is not a valid value for rcParam"
        r"|'(?:Axes|AxesSubplot|Figure|Axes3D)' object has no attribute '(?P<three>\w{1,40})'"
        r"|gca\(\) got an unexpected keyword argument '(?P<four>projection)'"
        r"|unexpected keyword argument '(?P<five>normed|papertype|nonposx|nonposy|linthreshx)'",
        Cause.IMPORT,
        "The code is written for an older matplotlib: “{part}{two}{three}{four}{five}” is gone.",
        "Ask for matplotlib<3.6 (for “normed”: matplotlib<3.1), or correct the names.",
    ),
    signature(
        r"'(?:Di|Multi|MultiDi)?Graph' object has no attribute "
        r"'(?P<part>node|edge|nodes_iter|edges_iter|add_path|add_cycle|neighbors_iter"
        r"|degree_iter)'",
        Cause.IMPORT,
        "The code is written for an older networkx: “{part}” of a graph is gone.",
        "Ask for networkx<2.4 (for `nodes_iter`: networkx<2), or correct the names.",
    ),
    signature(
        r"`load_boston` has been removed|The '\w{1,40}' parameter of \w{1,60} must be a str among"
        r"|\b\w{1,60}\.__init__\(\) got an unexpected keyword argument '(?:normalize|presort|n_jobs"
        r"|min_impurity_split|base_estimator|affinity|sparse)'",
        Cause.IMPORT,
        "The code is written for an older scikit-learn.",
        "Pin scikit-learn to the version that you used, or set `as_of` in reprise.toml to that "
        "day.",
    ),
    signature(
        r"`(?P<part>\w{1,40})` has been removed (?:in|from) (?P<what>SciPy|NumPy|pandas)",
        Cause.IMPORT,
        "The code is written for an older {what}: “{part}” is gone.",
        _PIN,
    ),
    signature(
        r"'Dataset' object has no attribute 'value'"
        r"|load\(\) missing 1 required positional argument: "
        r"'Loader'",
        Cause.IMPORT,
        "The code is written for an older h5py (`.value`) or PyYAML (`yaml.load` without a "
        "loader).",
        "Ask for h5py<3 or PyYAML<6; or write dataset[()] and yaml.safe_load.",
    ),
    signature(
        rf"cannot import name '(?P<part>\w{{1,60}})' from '(?P<what>{_STDLIB})'",
        Cause.IMPORT,
        "The code is written for an older Python: “{what}” has no “{part}” any more.",
        _PYTHON,
    ),
    signature(
        rf"AttributeError: module '(?P<what>{_STDLIB})' has no attribute '(?P<part>\w{{1,60}})'",
        Cause.IMPORT,
        "The code is written for an older Python: “{what}” has no “{part}” any more.",
        _PYTHON,
    ),
    signature(
        rf"cannot import name '(?P<part>\w{{1,60}})' from"
        rf" '(?P<what>(?:{_LIBRARIES})\b)[\w.]{{0,80}}'",
        Cause.IMPORT,
        "The installed {what} has no “{part}” (any more): it is newer or older than the code.",
        _PIN,
    ),
    signature(
        rf"[Mm]odule '(?P<what>(?:{_LIBRARIES})\b)[\w.]{{0,80}}' has no attribute "
        r"'(?P<part>\w{1,60})'",
        Cause.IMPORT,
        "The installed {what} has no “{part}” (any more): it is newer or older than the code.",
        _PIN,
    ),
    signature(
        rf"No module named '(?P<what>{_LIBRARIES})\.(?P<part>[\w.]{{1,80}})'(?! is not)",
        Cause.IMPORT,
        "The installed {what} has no part “{what}.{part}” (any more): it is newer or older than "
        "the "
        "code.",
        _PIN,
    ),
    signature(
        r"version [`']GLIBC(?:XX)?_[\d.]{1,10}' not found",
        Cause.IMPORT,
        "A compiled file was built on a newer system than the image's.",
        "Leave compiled files out of the repository and have them built from the sources.",
    ),
    signature(
        r"ImportError: [^\n]{1,200}: undefined symbol: (?P<what>\S{1,120})",
        Cause.IMPORT,
        "A compiled package was built for another version of a library that it uses.",
        "Install the package from source, or pin both to versions that belong together.",
    ),
    signature(
        r"unsupported pickle protocol: (?P<what>\d{1,3})"
        r"|Can't get attribute '(?P<too>[^'\n]{1,80})' on"
        r" <module",
        Cause.DATA,
        "A pickled file was written by other versions of Python or of its packages.",
        "Pin the versions that wrote it, or keep the data in a plain format (CSV, npy, HDF5).",
    ),
)  # fmt: skip
