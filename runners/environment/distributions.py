"""Which distribution of the package index provides a module, and what must never be guessed."""

from collections.abc import Mapping

from runners.environment.standard_library import STANDARD_LIBRARY


def _named(text: str) -> Mapping[str, str]:
    """The first of a line by each of the others, from lines "distribution: module module"."""
    pairs = (line.rpartition(": ") for line in text.strip().splitlines())
    return {module: name for name, _, modules in pairs for module in modules.split()}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Where the names differ by more than case, dash and underscore. Of several distributions that
# provide a module: the one that needs least of the system, and never one for graphics cards.
_DISTRIBUTIONS = _named("""
absl-py: absl
accelerator-toolbox: at
aiida-core: aiida
amazon-braket-sdk: braket
amp-atomistics: amp
amuse-framework: amuse
antlr4-python3-runtime: antlr4
antspyx: ants
argon2-cffi: argon2
astra-toolbox: astra
attrs: attr
auto-sklearn: autosklearn
ax-platform: ax
backports.zoneinfo: backports.zoneinfo
basemap: mpl_toolkits.basemap
batman-package: batman
bayesian-optimization: bayes_opt
bcbio-gff: BCBio
beautifulsoup4: bs4
biopython: Bio BioSQL
camelot-py: camelot
cctbx-base: cctbx iotbx mmtbx scitbx libtbx
cffi: _cffi_backend
colour-science: colour
copasi-basico: basico
cyipopt: ipopt
cython: pyximport
deepmd-kit: deepmd
desc-opt: desc
diffpy.structure: diffpy.structure diffpy.Structure
discord.py: discord
dm-acme: acme
dm-haiku: haiku
dm-launchpad: launchpad
dm-reverb: reverb
dm-sonnet: sonnet
dm-tree: tree
dnspython: dns
earthengine-api: ee
ecmwf-api-client: ecmwfapi
fair-esm: esm
faiss-cpu: faiss
feather-format: feather
fenics-basix: basix
fenics-ffc: ffc
fenics-fiat: FIAT
fenics-ufl: ufl
ffmpeg-python: ffmpeg
freetype-py: freetype
freud-analysis: freud
fusepy: fuse
future: past libfuturize libpasteurize
gdal: osgeo ogr osr gdalconst gdalnumeric
giotto-tda: gtda
github3.py: github3
gitpython: git
glue-core: glue
google-api-python-client: googleapiclient apiclient
google-auth: google.auth google.oauth2
google-cloud-storage: google.cloud google.cloud.storage
gromacswrapper: gromacs
hidapi: hid
hydra-core: hydra
imbalanced-learn: imblearn
imdbpy: imdb
jmetalpy: jmetal
jpype1: jpype
kepler-mapper: kmapper
keras-tuner: kerastuner
lalsuite: lal lalsimulation lalinference lalapps lalframe
lalsuite: lalburst lalpulsar lalinspiral lalmetaio lalstochastic lalcosmo
legume-gme: legume
libneuroml: neuroml
libroadrunner: roadrunner
libsass: sass
libusb1: usb1
lightning-bolts: pl_bolts
ligo-segments: ligo.segments
ligo.skymap: ligo.skymap
line-profiler: kernprof
llama-cpp-python: llama_cpp
mace-torch: mace
markdown-it-py: markdown_it
matplotlib-label-lines: labellines
matplotlib: mpl_toolkits pylab
mayavi: tvtk
moods-python: MOODS
mysql-connector-python: mysql
mysqlclient: MySQLdb _mysql
netgen-mesher: netgen
newspaper3k: newspaper
odfpy: odf
oemof.solph: oemof
openbabel-wheel: openbabel
opencv-python-headless: cv2
openexr: Imath
openmm: simtk
orange3: Orange
paho-mqtt: paho
panda3d: direct
pdfminer.six: pdfminer
peewee: playhouse
physics-tenpy: tenpy
pillow: PIL
pot: ot
pplpy: ppl
progressbar2: progressbar
protobuf: google google.protobuf
psycopg2-binary: psycopg2
py-cpuinfo: cpuinfo
py-ecg-detectors: ecgdetectors
pybids: bids
pycairo: cairo
pycifrw: CifFile
pycryptodome: Crypto
pycryptodomex: Cryptodome
pyenchant: enchant
pyfunctional: functional
pygithub: github
pygobject: gi
pyhamcrest: hamcrest
pyjnius: jnius
pyjwt: jwt
pymongo: bson gridfs
pymupdf: fitz
pynacl: nacl
pynose: nose
pynrrd: nrrd
pyopengl: OpenGL
pyopenssl: OpenSSL
pypng: png
pyro-ppl: pyro
pyserial: serial
pyshp: shapefile
pystan: stan
pytdc: tdc
pytelegrambotapi: telebot
pytest-xdist: xdist
pythia8mc: pythia8
python-benedict: benedict
python-box: box
python-can: can
python-constraint: constraint
python-copasi: COPASI
python-crontab: crontab
python-daemon: daemon
python-dateutil: dateutil
python-decouple: decouple
python-docx: docx
python-dotenv: dotenv
python-engineio: engineio
python-flint: flint
python-frontmatter: frontmatter
python-gitlab: gitlab
python-hostlist: hostlist
python-igraph: igraph
python-jose: jose
python-json-logger: pythonjsonlogger
python-ldap: ldap
python-libcombine: libcombine
python-libnuml: libnuml
python-libsbml: libsbml
python-libsedml: libsedml
python-louvain: community
python-magic: magic
python-mnist: mnist
python-multipart: multipart
python-pcl: pcl
python-pptx: pptx
python-slugify: slugify
python-socketio: socketio
python-telegram-bot: telegram
python-twitter: twitter
python-vlc: vlc
python-vxi11: vxi11
python-xlib: Xlib
pytorch-crf: torchcrf
pytorch-ignite: ignite
pyusb: usb
pyvcf: vcf
pyvisa: visa
pywavelets: pywt
pyyaml: yaml _yaml
pyzmq: zmq
quippy-ase: quippy
ray: rllib
rpi.gpio: RPi
ruamel.yaml: ruamel ruamel.yaml
scikit-aero: skaero
scikit-allel: allel
scikit-base: skbase
scikit-bio: skbio
scikit-criteria: skcriteria
scikit-decide: skdecide
scikit-dimension: skdim
scikit-fda: skfda
scikit-fmm: skfmm
scikit-fuzzy: skfuzzy
scikit-garden: skgarden
scikit-gstat: skgstat
scikit-hep-testdata: skhep_testdata
scikit-hep: skhep
scikit-image: skimage
scikit-learn-extra: sklearn_extra
scikit-learn-intelex: sklearnex
scikit-learn: sklearn
scikit-lego: sklego
scikit-mobility: skmob
scikit-multiflow: skmultiflow
scikit-multilearn: skmultilearn
scikit-network: sknetwork
scikit-optimize: skopt
scikit-plot: scikitplot
scikit-rf: skrf
scikit-sparse: sksparse
scikit-spatial: skspatial
scikit-survival: sksurv
scikit-tensor: sktensor
scikit-ued: skued
scikit-umfpack: scikits.umfpack
scikit-video: skvideo
scikits.odes: scikits.odes
scitools-iris: iris
scvi-tools: scvi
setuptools: distutils
setuptools<81: pkg_resources
snap-stanford: snap
speechrecognition: speech_recognition
ta-lib: talib
tabula-py: tabula
tequila-basic: tequila
tvb-library: tvb
umap-learn: umap
viennarna: RNA
vivarium-core: vivarium
vmd-python: vmd
vtk: vtkmodules
websocket-client: websocket
wikipedia-api: wikipediaapi
wrf-python: wrf
wxpython: wx
xraylarch: larch
z3-solver: z3
zeus-mcmc: zeus
zope.interface: zope zope.interface
""")

# What no package index has, or only as a thing of another kind under the same name.
_REASONS: Mapping[str, str] = {
    "it is part of FEniCS, which Debian (python3-dolfin) and conda carry": (
        "dolfin dolfinx fenics mshr dolfin_adjoint fenics_adjoint multiphenics"
    ),
    "it is installed with a finite element program of its own": "firedrake getfem libmesh deal",
    "it is installed with CERN's ROOT or with the programs of the LHC": (
        "ROOT PyROOT JupyROOT Geant4 LHAPDF lhapdf HepMC"
    ),
    "it is built together with the simulator itself": "nest espressomd yade sander",
    "it is carried by conda or Debian only": (
        "graph_tool hoomd meep mpb psi4 pcraster pytraj openmmtools openforcefield mbuild foyer "
        "tomopy caiman steps ESMF esmpy Ngl Nio cdms2 cdutil vcs pyferret OCC openff"
    ),
    "it belongs to a program that must be installed by itself": (
        "bpy FreeCAD arcpy qgis grass maya hou unreal nuke paraview salome abaqus abaqusConstants "
        "ansys comsol slicer ij GSASII dials mantid openeye schrodinger ccdc moe pymol chimera "
        "chimerax modeller pyrosetta xspec heasoft iraf casac ctools gammalib sage matlab maple"
    ),
    "it needs a graphics card, and is built for one": (
        "apex pycuda cupy cudf cuml cugraph cuspatial cuquantum tensorrt skcuda flash_attn kaolin"
    ),
    "it is for Windows or macOS": (
        "win32api win32com win32con win32gui win32file win32pipe win32event win32process "
        "win32service win32serviceutil win32clipboard pythoncom pywintypes winreg winsound msvcrt "
        "clr wmi AppKit Foundation Quartz objc Cocoa"
    ),
    "it drives the pins of a board": (
        "smbus spidev pigpio picamera lgpio board busio digitalio bluetooth"
    ),
    "it is a language model for spaCy, which is fetched by itself": (
        "en_core_web_sm en_core_web_md en_core_web_lg en_core_web_trf en_core_sci_sm "
        "en_core_sci_md en_core_sci_lg de_core_news_sm de_core_news_md fr_core_news_sm "
        "es_core_news_sm zh_core_web_sm"
    ),
    "it is research code that is installed from its own repository": (
        "clip detectron2 alphafold openfold taming ldm pytorch3d pointnet2_ops MinkowskiEngine "
        "nvdiffrast"
    ),
    "it is of a time before numpy or Python 3": (
        "Numeric numarray Scientific visual Image ImageDraw ImageFont ImageFilter psyco enthought "
        "pysparse"
    ),
    "several packages that have nothing to do with each other are called so": (
        "pybel warp snappy scikits scitools ligo diffpy sphinxcontrib backports classy gpt pymesh"
    ),
}
_NOT_ON_INDEX = {name: reason for reason, names in _REASONS.items() for name in names.split()}
# Names that a repository gives to its own files. A package of that name on an index is somebody
# else's, and may be there to be installed by mistake.
_OF_THE_REPOSITORY = _words("""
algorithm algorithms analysis analyse analyze api app application apps args arguments assets
augmentation base baseline bin build builder cfg checkpoint checkpoints cli client code common
compute conf config configs configuration const constant constants core custom data data_loader
data_loaders data_utils database dataloader dataloaders dataset dataset_loader db decoder default
defaults demo derivatives dev dist doc docs download driver encoder engine env environment
environments envs equation equations error errors eval evaluate evaluation evaluator example
examples exceptions exp experiment experiments export ext extension extensions external extra
extras feature features figure figures file files fit fitting func funcs function functions
general generate generator geometry global globals graph graphs grid helper helper_functions
helpers helper_func hooks hyperparameters img images include inference init initialise initialize
input inputs integrator interface internal io_utils job jobs kernel kernels lattice layer layers
learn lib libs library load loader loaders local log logger loss losses machine main manager
material materials matrix mesh method methods metric metrics misc mod model model_utils models
module modules my mylib myutils net nets network networks nn node nodes notebook notebooks ode old
ops optim optimization optimize optimizer optimizers options out output outputs package param
parameter parameters params particles physics pipeline pipelines plot plots plotter plotting
plot_utils policy post postprocess postprocessing potential potentials pre predict prediction
preprocess preprocessing process processing project provided public reader readers resources
result results rk4 routines run runner sample sampler sampling save scheme schemes script scripts
server service settings setup shared sim simulate simulation simulations simulator solve solver
solvers source sources src stable state stats structure structures style subroutines support
system systems target task tasks template templates test test_utils testing tests tool toolbox
tools train trainer trainers training transforms tutorial tutorials unit units update util
utilities utility utils validation validate value values variables vendor version versions view
views vis visual_utils visualisation visualise visualization visualize viz web workflow workflows
wrapper wrappers writer
""")
# Modules that people name among their requirements, where nobody can mean a package of that name.
_MEANT_OTHERWISE = _words("""
Bio Crypto Cryptodome OpenGL OpenSSL PIL absl attr bs4 cv2 dateutil docx dotenv faiss fitz git
googleapiclient imblearn jwt mpl_toolkits nacl osgeo pkg_resources pptx pylab pywt serial skbio
skfmm skfuzzy skimage sklearn skopt sksurv skvideo umap usb websocket wx yaml zmq
""")
_SHORTEST = 3  # Names of one or two letters are variables and files of one's own.


def distribution_of(module: str) -> str | None:
    """The distribution that provides `module`; mostly it has the same name.

    Top-level modules, and those below a name that distributions share: mpl_toolkits.basemap.

    None where none must be guessed; `why_none` says why.
    """
    if module in _DISTRIBUTIONS:
        return _DISTRIBUTIONS[module]
    return None if why_none(module) else module


def distribution_meant(name: str) -> str:
    """The distribution that a requirement means which names a module, as "sklearn" does.

    Any other name is that of the distribution itself.
    """
    return _DISTRIBUTIONS[name] if name in _MEANT_OTHERWISE else name


def is_shared(module: str) -> bool:
    """Whether `module`, such as "google.protobuf", is a distribution's own below a shared name."""
    return "." in module and module in _DISTRIBUTIONS


def why_none(module: str) -> str | None:
    """Why nothing is installed for `module`, as half a sentence; None where something can be."""
    if module in _DISTRIBUTIONS:
        return None
    if module in STANDARD_LIBRARY:
        return "it belongs to Python itself, in another version"
    if _is_ones_own(module):
        return "a name such as this is a file of one's own, not a package"
    return _NOT_ON_INDEX.get(module)


def _is_ones_own(module: str) -> bool:
    name = module.lower()
    return (
        name in _OF_THE_REPOSITORY
        or len(name) < _SHORTEST
        or name.startswith(("_", "my_"))
        or name.endswith(("_utils", "_utilities", "_helper", "_helpers"))
    )
