"""What conda packages are called elsewhere: on the Python package index, and in Debian.

A name in no table is a Python package of the same name on the index. Names are conda's, lower
case, with hyphens.
"""

import re

# conda → the Python package index, where the two differ (or where a Debian package is needed too).
PYPI: dict[str, str] = {
    "astropy-base": "astropy",
    "brotli-python": "Brotli",
    "cvxpy-base": "cvxpy",
    "dask-core": "dask",
    "dftd3-python": "dftd3",
    "faiss": "faiss-cpu",
    "fiona": "Fiona",
    "geopandas-base": "geopandas",
    "get-terminal-size": "backports.shutil-get-terminal-size",
    "gurobi": "gurobipy",
    "iris": "scitools-iris",
    "keras-gpu": "keras",
    "libsbml": "python-libsbml",
    "matplotlib-base": "matplotlib",
    "mne-base": "mne",
    "msgpack-python": "msgpack",
    "netcdf4": "netCDF4",
    "opencv": "opencv-python-headless",
    "openbabel": "openbabel-wheel",
    "opencv3": "opencv-python-headless",
    "plotly-orca": "kaleido",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "pyarrow-core": "pyarrow",
    "pyg": "torch-geometric",
    "pymc-base": "pymc",
    "pyqt": "PyQt5",
    "pytables": "tables",
    "python-blosc": "blosc",
    "python-eccodes": "eccodes",
    "python-fastjsonschema": "fastjsonschema",
    "python-flatbuffers": "flatbuffers",
    "python-graphviz": "graphviz",
    "python-kaleido": "kaleido",
    "python-lal": "lalsuite",
    "python-lalsimulation": "lalsuite",
    "python-levenshtein": "Levenshtein",
    "python-libarchive-c": "libarchive-c",
    "python-lmdb": "lmdb",
    "python-tzdata": "tzdata",
    "python-xxhash": "xxhash",
    "pytorch": "torch",
    "pytorch-cluster": "torch-cluster",
    "pytorch-cpu": "torch",
    "pytorch-geometric": "torch-geometric",
    "pytorch-gpu": "torch",
    "pytorch-scatter": "torch-scatter",
    "pytorch-sparse": "torch-sparse",
    "pytorch-spline-conv": "torch-spline-conv",
    "qtconsole-base": "qtconsole",
    "seaborn-base": "seaborn",
    "tensorflow-eigen": "tensorflow",
    "tensorflow-mkl": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "torchvision-cpu": "torchvision",
    "xtb-python": "xtb",
}
# The versions on the index have one more part than those of conda.
LONGER_VERSIONS = frozenset({"opencv-python-headless"})

# conda → Debian: programs, also wanted where a whole environment was exported.
PROGRAMS: dict[str, tuple[str, ...]] = {
    "bcftools": ("bcftools",),
    "bedtools": ("bedtools",),
    "blast": ("ncbi-blast+",),
    "bowtie2": ("bowtie2",),
    "bwa": ("bwa",),
    "c-compiler": ("gcc", "libc6-dev"),
    "cdo": ("cdo",),
    "clang": ("clang",),
    "clangxx": ("clang",),
    "coincbc": ("coinor-cbc",),
    "compilers": ("build-essential", "gfortran"),
    "cxx-compiler": ("g++",),
    "fortran-compiler": ("gfortran",),
    "gcc": ("gcc", "libc6-dev"),
    "gcc-linux-64": ("gcc", "libc6-dev"),
    "gfortran": ("gfortran",),
    "gfortran-linux-64": ("gfortran",),
    "git": ("git",),
    "gmsh": ("gmsh",),
    "gnuplot": ("gnuplot-nox",),
    "graphviz": ("graphviz",),
    "gromacs": ("gromacs",),
    "gxx": ("g++",),
    "gxx-linux-64": ("g++",),
    "hmmer": ("hmmer",),
    "lammps": ("lammps",),
    "mafft": ("mafft",),
    "minimap2": ("minimap2",),
    "mpich": ("mpich", "libmpich-dev"),
    "nco": ("nco",),
    "ncl": ("ncl-ncarg",),
    "octave": ("octave",),
    "openmpi": ("openmpi-bin", "libopenmpi-dev"),
    "pandoc": ("pandoc",),
    "poppler": ("poppler-utils",),
    "python-graphviz": ("graphviz",),
    "samtools": ("samtools",),
    "tesseract": ("tesseract-ocr",),
    "texlive-core": ("texlive-latex-base",),
    "xtb": ("xtb",),
}
# conda → Debian: libraries and what builds with them, wanted only where a person wrote them down.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "armadillo": ("libarmadillo-dev",),
    "autoconf": ("autoconf",),
    "automake": ("automake",),
    "bison": ("bison",),
    "blas": ("libopenblas-dev",),
    "boost": ("libboost-all-dev",),
    "boost-cpp": ("libboost-all-dev",),
    "cfitsio": ("libcfitsio-dev",),
    "cgal": ("libcgal-dev",),
    "cmake": ("cmake",),
    "curl": ("curl",),
    "doxygen": ("doxygen",),
    "eccodes": ("libeccodes-dev",),
    "eigen": ("libeigen3-dev",),
    "expat": ("libexpat1-dev",),
    "ffmpeg": ("ffmpeg",),
    "fftw": ("libfftw3-dev",),
    "flex": ("flex",),
    "freetype": ("libfreetype-dev",),
    "gdal": ("gdal-bin", "libgdal-dev"),
    "geos": ("libgeos-dev",),
    "ghostscript": ("ghostscript",),
    "glpk": ("glpk-utils", "libglpk-dev"),
    "gmp": ("libgmp-dev",),
    "gsl": ("libgsl-dev",),
    "hdf5": ("libhdf5-dev",),
    "imagemagick": ("imagemagick",),
    "ipopt": ("coinor-libipopt-dev",),
    "lapack": ("liblapack-dev",),
    "libboost": ("libboost-all-dev",),
    "libgdal": ("gdal-bin", "libgdal-dev"),
    "libnetcdf": ("libnetcdf-dev",),
    "libspatialindex": ("libspatialindex-dev",),
    "libtool": ("libtool",),
    "libxml2": ("libxml2-dev",),
    "m4": ("m4",),
    "make": ("make",),
    "metis": ("libmetis-dev",),
    "mpfr": ("libmpfr-dev",),
    "netcdf-fortran": ("libnetcdff-dev",),
    "ninja": ("ninja-build",),
    "nlopt": ("libnlopt-dev",),
    "nodejs": ("nodejs",),
    "openblas": ("libopenblas-dev",),
    "openjdk": ("default-jre-headless",),
    "perl": ("perl",),
    "pkg-config": ("pkg-config",),
    "proj": ("proj-bin", "libproj-dev"),
    "scalapack": ("libscalapack-openmpi-dev",),
    "suitesparse": ("libsuitesparse-dev",),
    "sundials": ("libsundials-dev",),
    "swig": ("swig",),
    "tbb-devel": ("libtbb-dev",),
    "udunits2": ("libudunits2-dev",),
    "unzip": ("unzip",),
    "wget": ("wget",),
    "yaml-cpp": ("libyaml-cpp-dev",),
}

# What conda environments hold besides what their owner asked for, or what the wheels bring along.
CARRIED = re.compile(
    r"_.*|.*-(linux|osx|win)-(64|32|aarch64|arm64)|m2w64-.*|msys2-.*|xorg-.*|font-.*|fonts-.*|"
    r"aws-.*|gst-.*|gstreamer|cuda.*|cudnn|cupti|cpuonly|nccl|nomkl|pytorch-(mutex|cuda)|cuda-.*|"
    r"libnv.*|libcu.*|libcublas.*|nvidia-.*|nvtx|magma(-cuda.*)?|mkl.*|intel-openmp|tbb|tbb4py|"
    r"llvm-openmp|llvm-tools|llvm|clangdev|clang-.*|vc|vc14-runtime|vs20\d\d-.*|ucrt|winpty|"
    r"ca-certificates|openssl|readline|ncurses|tk|xz|xz-.*|zlib|zlib-ng|sqlite|icu|bzip2|lz4-c|"
    r"lzo|zstd|snappy|blosc|c-blosc2?|brotli|brotli-bin|brunsli|charls|zfp|jxrlib|aom|dav1d|rav1e|"
    r"svt-av1|x264|x265|openh264|lame|gnutls|nettle|jpeg|jasper|jbig|giflib|openjpeg|lerc|lcms2|"
    r"orc|tiff|cairo|pango|pixman|harfbuzz|fribidi|graphite2|fontconfig|gdk-pixbuf|gtk\d?|glib|"
    r"glib-tools|gobject-introspection|atk.*|dbus|gettext|pcre2?|qt|qt-main|qt\d-main|qt-webengine|"
    r"qtwebkit|sip|pyqt5-sip|nspr|nss|krb5|keyutils|cyrus-sasl|c-ares|unixodbc|mysql.*|postgresql|"
    r"abseil-cpp|arrow-cpp|grpc-cpp|re2|gflags|glog|thrift-cpp|utf8proc|s2n|yaml|zeromq|double-"
    r"conversion|attr|alsa-lib|pulseaudio.*|jack|portaudio|kealib|hdf4|hdfeos2|poppler-data|tzcode|"
    r"tzdata|freexl|freeglut|geotiff|cartopy-offlinedata|json-c|xerces-c|minizip|nlohmann-json|"
    r"mpc|isl|mpi|patch|patchelf|pthread-stubs|kernel-headers.*|sysroot.*|binutils.*|ld-impl.*|"
    r"numpy-base|scipy-base|keras-base|tensorflow-base|tensorflow-estimator-base|python-abi|"
    r"python\.app|backports|zope|pip|setuptools|wheel|libiconv|ninja-base|tqdm-base|mscorefonts|"
    r"console-shortcut.*|powershell-shortcut.*|menuinst|blas-.*|lib(?!rosa$|pysal$|clang$|cst$|"
    r"sass$|roadrunner$|tmux$|neuroml$).*"
)
# What tells an environment that `conda env export` wrote from one that a person did.
EXPORT_SIGNS = frozenset({"_libgcc-mutex", "libgcc-ng", "libffi",
                          "ncurses", "ca-certificates", "vs2015-runtime", "libcxx", "ucrt",
                          "tk", "xz"})  # fmt: skip
ONLY_CONDA = re.compile(
    r"fenics.*|dolfin.*|mshr|root|root-base|geant4.*|esmf|esmpy|psi4|ambertools|cctbx.*|moose.*|"
    r"nest-simulator|openff-.*|openmmforcefields|cantera-devel|graph-tool|fsl.*|freesurfer|ants|"
    r"petsc|slepc|trilinos|multinest|healpix.*|vmd|firedrake|openfoam|amuse-.*|xeus.*|kwant-data"
)
