"""Which Debian package brings a header, a library, a program, or what a build tool calls one.

Lines say "packages: what they bring". Names are those of Debian bookworm, and `RENAMED` has what
another suite calls them; all were looked up in the package lists of each suite.
"""

from collections.abc import Mapping

Table = Mapping[str, tuple[str, ...]]


def _table(text: str) -> Table:
    """What each name brings, from lines "package package: name name name"."""
    pairs = (line.partition(": ") for line in text.strip().splitlines())
    return {name: tuple(packages.split()) for packages, _, names in pairs for name in names.split()}


# A header, or the folder (with its "/") in which a library keeps its headers.
HEADERS = _table("""
python3-dev: Python.h pyconfig.h
libopenmpi-dev openmpi-bin: mpi.h mpif.h mpi.mod
libboost-all-dev: boost/
libeigen3-dev: Eigen/ eigen3/
libhdf5-dev: hdf5.h H5Cpp.h hdf5_hl.h H5public.h
libhdf4-dev: mfhdf.h hdf.h
libnetcdf-dev: netcdf.h
libnetcdff-dev: netcdf.inc netcdf.mod
libnetcdf-c++4-dev: netcdf
libfftw3-dev: fftw3.h fftw3.f fftw3.f03 fftw3-mpi.h
libgsl-dev: gsl/
libopenblas-dev: cblas.h openblas_config.h f77blas.h
liblapacke-dev liblapack-dev: lapacke.h lapack.h
libsuitesparse-dev: umfpack.h cholmod.h suitesparse/ SuiteSparse_config.h klu.h cs.h amd.h
libarpack2-dev: arpack.h arpack/
libmetis-dev: metis.h
libscotch-dev: scotch.h
libsuperlu-dev: slu_ddefs.h superlu/
libmumps-seq-dev: dmumps_c.h
petsc-dev: petsc.h petscksp.h petscsys.h petscconf.h
libhypre-dev: HYPRE.h
libarmadillo-dev: armadillo
libsundials-dev: cvode/ sundials/ ida/ nvector/ sunmatrix/
libglpk-dev: glpk.h
coinor-libipopt-dev: IpoptConfig.h IpStdCInterface.h coin/ coin-or/
libnlopt-dev: nlopt.h nlopt.hpp
libgmp-dev: gmp.h gmpxx.h
libmpfr-dev: mpfr.h
libmpc-dev: mpc.h
libflint-dev: flint/ flint.h
libntl-dev: NTL/
libpari-dev: pari/
libcgal-dev: CGAL/
libqhull-dev: qhull/ libqhull/ libqhull_r/
libtbb-dev: tbb/
libomp-dev: omp-tools.h
libxc-dev: xc.h xc_f90_types_m.mod
libffi-dev: ffi.h ffi/
libcairo2-dev: cairo.h cairo/
libfreetype-dev: ft2build.h freetype/
libpng-dev: png.h
libjpeg-dev: jpeglib.h
libtiff-dev: tiff.h tiffio.h
libwebp-dev: webp/
libopenexr-dev: OpenEXR/ ImfRgbaFile.h
zlib1g-dev: zlib.h
libbz2-dev: bzlib.h
liblzma-dev: lzma.h
liblzo2-dev: lzo/
liblz4-dev: lz4.h
libzstd-dev: zstd.h
libsnappy-dev: snappy.h snappy-c.h
libblosc-dev: blosc.h
libxml2-dev: libxml/
libxslt1-dev: libxslt/
libssl-dev: openssl/
libcurl4-openssl-dev: curl/
libpq-dev: libpq-fe.h
default-libmysqlclient-dev: mysql.h mysql/
unixodbc-dev: sql.h sqlext.h
libsqlite3-dev: sqlite3.h
libldap2-dev: lber.h ldap.h
libsasl2-dev: sasl/ sasl.h
libkrb5-dev: gssapi/ krb5.h
libyaml-dev: yaml.h
libyaml-cpp-dev: yaml-cpp/
nlohmann-json3-dev: nlohmann/
libjsoncpp-dev: json/
libfmt-dev: fmt/
libspdlog-dev: spdlog/
libgtest-dev: gtest/
libprotobuf-dev protobuf-compiler: google/protobuf/
libgoogle-glog-dev: glog/
libgflags-dev: gflags/
libcfitsio-dev: fitsio.h cfitsio/
wcslib-dev: wcslib/ wcs.h
libgdal-dev: gdal.h gdal/ ogr_api.h cpl_conv.h
libgeos-dev: geos_c.h geos/
libproj-dev proj-bin: proj.h proj_api.h
libspatialindex-dev: spatialindex/
libeccodes-dev: eccodes.h grib_api.h
libudunits2-dev: udunits2.h
libshp-dev: shapefil.h
libhts-dev: htslib/
portaudio19-dev: portaudio.h
libsndfile1-dev: sndfile.h
libasound2-dev: alsa/
libsdl2-dev: SDL.h SDL2/
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libavcodec/
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libavformat/
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libavutil/
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libswscale/
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libavdevice/
libgraphviz-dev graphviz: graphviz/ cgraph.h gvc.h
libigraph-dev: igraph/ igraph.h
libopencv-dev: opencv2/ opencv4/
libvtk9-dev: vtkVersion.h vtkSmartPointer.h
libgl1-mesa-dev libglu1-mesa-dev: GL/gl.h GL/glu.h GL/glx.h
freeglut3-dev: GL/glut.h GL/freeglut.h
libglew-dev: GL/glew.h
libglfw3-dev: GLFW/
libx11-dev: X11/Xlib.h X11/Xutil.h X11/Xos.h
libxt-dev: X11/Intrinsic.h
libxpm-dev: X11/xpm.h
libxmu-dev: X11/Xmu/
tk-dev: tk.h tcl.h
libreadline-dev: readline/
libncurses-dev: ncurses.h curses.h ncurses/
libglib2.0-dev: glib.h glib/
libgirepository1.0-dev: girepository.h
libgtk-3-dev: gtk/
libzmq3-dev: zmq.h
libevent-dev: event.h event2/
libmagic-dev: magic.h
libusb-1.0-0-dev: libusb.h libusb-1.0/
libhwloc-dev: hwloc.h
libnuma-dev: numa.h
uuid-dev: uuid/
libpcre2-dev: pcre2.h
libexpat1-dev: expat.h
libdb-dev: db.h
libmatio-dev: matio.h
libpoppler-cpp-dev: poppler/
r-base-dev: Rinternals.h R.h Rmath.h
octave-dev: octave/
ocl-icd-opencl-dev: CL/
libclhep-dev: CLHEP/
libxerces-c-dev: xercesc/
catch2: catch2/
""")

# What is linked (-lhdf5) and opened at run time (libhdf5.so.103), less the "lib" and the ".so".
LIBRARIES = _table("""
libgl1: GL
libegl1: EGL
libopengl0: OpenGL
libglu1-mesa: GLU
libosmesa6: OSMesa
freeglut3-dev: glut
libglib2.0-0: gthread-2.0 glib-2.0 gobject-2.0 gio-2.0
libsm6: SM
libice6: ICE
libx11-6: X11
libx11-xcb1: X11-xcb
libxext6: Xext
libxrender1: Xrender
libxt6: Xt
libxi6: Xi
libxcursor1: Xcursor
libxft2: Xft
libxinerama1: Xinerama
libxrandr2: Xrandr
libxfixes3: Xfixes
libxcomposite1: Xcomposite
libxdamage1: Xdamage
libxtst6: Xtst
libxkbcommon0: xkbcommon
libxkbcommon-x11-0: xkbcommon-x11
libxcb1: xcb
libxcb-cursor0: xcb-cursor
libxcb-icccm4: xcb-icccm
libxcb-image0: xcb-image
libxcb-keysyms1: xcb-keysyms
libxcb-randr0: xcb-randr
libxcb-render-util0: xcb-render-util
libxcb-shape0: xcb-shape
libxcb-xinerama0: xcb-xinerama
libdbus-1-3: dbus-1
libfontconfig1: fontconfig
libfreetype6: freetype
libnss3: nss3 nspr4 smime3
libgbm1: gbm
libdrm2: drm
libasound2: asound
libsndfile1: sndfile
libportaudio2: portaudio
libgomp1: gomp
libomp5: omp
libgfortran5: gfortran
libquadmath0: quadmath
libopenblas-dev: openblas
libblas-dev: blas cblas
liblapack-dev: lapack
libatlas3-base: atlas f77blas satlas tatlas
libfftw3-dev: fftw3 fftw3f fftw3l fftw3_mpi fftw3_omp fftw3_threads
libgsl-dev: gsl gslcblas
libhdf5-dev: hdf5 hdf5_hl hdf5_cpp hdf5_serial hdf5_fortran
libnetcdf-dev: netcdf
libnetcdff-dev: netcdff
libopenmpi-dev openmpi-bin: mpi mpi_cxx mpi_mpifh mpi_usempif08 open-rte open-pal
libmpich12: mpich
libsuitesparse-dev: umfpack cholmod amd suitesparseconfig klu
libarpack2-dev: arpack
libmetis-dev: metis
petsc-dev: petsc petsc_real
libarmadillo-dev: armadillo
libsundials-dev: sundials_cvode sundials_ida sundials_nvecserial sundials_core
libglpk-dev: glpk
coinor-libipopt-dev: ipopt
libnlopt-dev: nlopt
libgmp-dev: gmp gmpxx
libmpfr-dev: mpfr
libmpc-dev: mpc
libtbb-dev: tbb
libxc-dev: xc
libffi-dev: ffi
libcairo2: cairo
libpango-1.0-0: pango-1.0
libpangocairo-1.0-0: pangocairo-1.0
libpangoft2-1.0-0: pangoft2-1.0
libgdk-pixbuf-2.0-0: gdk_pixbuf-2.0
libgtk-3-0: gtk-3 gdk-3
libgdal-dev: gdal
libgeos-dev: geos geos_c
libproj-dev proj-bin: proj
libspatialindex-dev: spatialindex spatialindex_c
libeccodes-dev: eccodes
libudunits2-dev: udunits2
libcfitsio-dev: cfitsio
libmagic1: magic
libusb-1.0-0: usb-1.0
libenchant-2-2: enchant-2
libturbojpeg0: turbojpeg
libopenslide0: openslide
ocl-icd-libopencl1: OpenCL
libtk8.6: tk8.6
libtcl8.6: tcl8.6
libncurses5: ncurses5 tinfo5
libxml2-dev: xml2
libxslt1-dev: xslt exslt
libpq-dev: pq
unixodbc-dev: odbc
libcurl4-openssl-dev: curl
zlib1g-dev: z
libbz2-dev: bz2
liblzma-dev: lzma
libpng-dev: png png16
libjpeg-dev: jpeg
libtiff-dev: tiff
libssl-dev: ssl crypto
libzmq3-dev: zmq
r-base-core: R
ffmpeg: avcodec avformat avutil swscale
libboost-all-dev: boost_
""")

PROGRAMS = _table("""
ninja-build: ninja
swig: swig swig3.0 swig4.0
pkg-config: pkg-config pkgconf
autoconf automake libtool: autoreconf autoconf automake aclocal libtoolize libtool
flex: flex lex
bison: bison yacc
patch: patch
m4: m4
libopenmpi-dev openmpi-bin: mpicc mpicxx mpic++ mpiCC mpif77 mpif90 mpifort mpirun mpiexec orterun
graphviz: dot neato fdp sfdp circo twopi
ffmpeg: ffmpeg ffprobe
texlive-latex-extra texlive-fonts-recommended cm-super dvipng: latex pdflatex dvips kpsewhich
texlive-latex-extra texlive-fonts-recommended cm-super dvipng: bibtex
texlive-xetex: xelatex
dvipng: dvipng
ghostscript: gs
poppler-utils: pdftoppm pdftotext pdfinfo pdfcrop
default-jre-headless: java
default-jdk-headless: javac jar
r-base-core: R Rscript
octave: octave octave-cli
gnuplot-nox: gnuplot
imagemagick: convert identify magick montage
inkscape: inkscape
povray: povray
gmsh: gmsh
pandoc: pandoc
tesseract-ocr: tesseract
wget: wget
curl: curl
unzip: unzip
zip: zip
bzip2: bzip2 bunzip2
xz-utils: xz
p7zip-full: 7z
rsync: rsync
file: file
bc: bc
time: time /usr/bin/time
gawk: gawk
perl: perl
tcsh: csh tcsh /bin/csh /bin/tcsh
ksh: ksh
zsh: zsh
less: less
procps: ps free pgrep pkill top watch
lsb-release: lsb_release
git: git
git-lfs: git-lfs
subversion: svn
mercurial: hg
xvfb xauth: xvfb-run Xvfb
doxygen: doxygen
valgrind: valgrind
gdb: gdb
clang: clang clang++
llvm-dev: llvm-config
cargo rustc: cargo rustc
golang-go: go
nodejs npm: node npm
ruby: ruby
maven: mvn
ant: ant
ocaml: ocaml ocamlopt
ghc: ghc
maxima: maxima
libgdal-dev gdal-bin: gdal-config gdal_translate gdalinfo ogr2ogr gdalwarp
libgeos-dev: geos-config
libproj-dev proj-bin: proj
libpq-dev: pg_config
default-libmysqlclient-dev: mysql_config mariadb_config
libnetcdf-dev: nc-config
libnetcdff-dev: nf-config
netcdf-bin: ncdump ncgen nccopy
cdo: cdo
nco: ncks ncrcat ncea
libhdf5-dev: h5cc h5c++ h5fc
hdf5-tools: h5dump h5ls h5repack
libgsl-dev: gsl-config
libxml2-dev: xml2-config
libxslt1-dev: xslt-config
libcurl4-openssl-dev: curl-config
libsdl2-dev: sdl2-config
libfreetype-dev: freetype-config
libkrb5-dev: krb5-config
qtbase5-dev: qmake
protobuf-compiler: protoc
samtools: samtools
bedtools: bedtools
ncbi-blast+: blastn blastp makeblastdb psiblast tblastn
hmmer: hmmsearch hmmscan hmmbuild
mafft: mafft
muscle: muscle
clustalw: clustalw clustalw2
openbabel: obabel babel
dssp: mkdssp dssp
gromacs: gmx
lammps: lmp
coinor-cbc: cbc
glpk-utils: glpsol
minizinc: minizinc
sox: sox
lame: lame
espeak-ng: espeak espeak-ng
""")

# What pkg-config, CMake and Meson call a library, in small letters.
DEPENDENCIES = _table("""
libcairo2-dev: cairo py3cairo
libffi-dev: libffi
libhdf5-dev: hdf5
libnetcdf-dev: netcdf
libnetcdff-dev: netcdf-fortran netcdff netcdf_fortran
libgsl-dev: gsl
libfftw3-dev: fftw3 fftw3f fftw fftw3_mpi
libeigen3-dev: eigen3 eigen
libboost-all-dev: boost boost_python
libopenmpi-dev openmpi-bin: mpi mpi_c mpi_cxx mpi_fortran ompi ompi-c ompi-cxx ompi-fort mpi-c
libopenblas-dev liblapack-dev gfortran pkg-config: blas lapack openblas cblas lapacke flexiblas
libopenblas-dev liblapack-dev gfortran pkg-config: scipy-openblas
python3-dev: python3 python pythonlibs development.module development python3-embed
libxml2-dev: libxml-2.0 libxml2
libxslt1-dev: libxslt libexslt
libfreetype-dev: freetype2 freetype
libpng-dev: libpng png
libjpeg-dev: libjpeg jpeg
libtiff-dev: libtiff-4 tiff
zlib1g-dev: zlib
libbz2-dev: bzip2
liblzma-dev: liblzma
libssl-dev: openssl libssl
libcurl4-openssl-dev: libcurl curl
libglib2.0-dev: glib-2.0 gobject-2.0
libgirepository1.0-dev: gobject-introspection-1.0
libgirepository-2.0-dev: girepository-2.0
libgtk-3-dev: gtk+-3.0
libpango1.0-dev: pangocairo pango
libgdal-dev: gdal
libgeos-dev: geos
libproj-dev proj-bin: proj
libcfitsio-dev: cfitsio
wcslib-dev: wcslib
libsdl2-dev: sdl2
libopencv-dev: opencv opencv4
libvtk9-dev: vtk
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libavcodec
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libavformat
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libavutil
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libavdevice
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libswscale
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libswresample
libavcodec-dev libavformat-dev libavdevice-dev libavfilter-dev libswscale-dev: libavfilter
portaudio19-dev: portaudio-2.0
libsndfile1-dev: sndfile
libasound2-dev: alsa
libx11-dev: x11
libgl1-mesa-dev libglu1-mesa-dev: gl glu opengl
freeglut3-dev: glut
libglfw3-dev: glfw glfw3
libglew-dev: glew
petsc-dev: petsc
coinor-libipopt-dev: ipopt
libnlopt-dev: nlopt
libsundials-dev: sundials
libsuitesparse-dev: suitesparse umfpack cholmod
libmetis-dev: metis
libarmadillo-dev: armadillo
libgmp-dev: gmp
libmpfr-dev: mpfr
libcgal-dev: cgal
libtbb-dev: tbb
libceres-dev: ceres
libgoogle-glog-dev: glog
libgflags-dev: gflags
libyaml-cpp-dev: yaml-cpp
nlohmann-json3-dev: nlohmann_json
libfmt-dev: fmt
libspdlog-dev: spdlog
libgtest-dev: gtest
catch2: catch2
pybind11-dev: pybind11
libzmq3-dev: libzmq
libyaml-dev: yaml-0.1
libsqlite3-dev: sqlite3
libpq-dev: libpq postgresql
default-libmysqlclient-dev: mysqlclient mariadb libmariadb
libpoppler-cpp-dev: poppler-cpp
libprotobuf-dev protobuf-compiler: protobuf
libjsoncpp-dev: jsoncpp
libxc-dev: libxc
libigraph-dev: igraph
libgraphviz-dev graphviz: libcgraph cgraph
uuid-dev: uuid
libusb-1.0-0-dev: libusb-1.0
libclhep-dev: clhep
libxerces-c-dev: xercesc
ocl-icd-opencl-dev: opencl
qtbase5-dev: qt5
libhwloc-dev: hwloc
libblosc-dev: blosc
swig: swig
git: git
doxygen: doxygen
""")

_T64 = {
    "libglib2.0-0": "libglib2.0-0t64",
    "libgtk-3-0": "libgtk-3-0t64",
    "libmagic1": "libmagic1t64",
    "libasound2": "libasound2t64",
    "libxt6": "libxt6t64",
    "libncurses5": "",
}
_NO_GIREPOSITORY = {"libgirepository-2.0-dev": "libgirepository1.0-dev"}
_UBUNTU = {"libturbojpeg0": "libturbojpeg"}
# What another suite than bookworm calls a package; "" where it has none.
RENAMED: Mapping[str, Mapping[str, str]] = {
    "bullseye": _NO_GIREPOSITORY | {"octave-dev": "liboctave-dev"},
    "bookworm": _NO_GIREPOSITORY,
    "trixie": _T64,
    "focal": _UBUNTU
    | _NO_GIREPOSITORY
    | {
        "libgdk-pixbuf-2.0-0": "libgdk-pixbuf2.0-0",
        "octave-dev": "liboctave-dev",
        "catch2": "catch",
        "libigraph-dev": "libigraph0-dev",
        "libvtk9-dev": "libvtk7-dev",
    },
    "jammy": _UBUNTU | _NO_GIREPOSITORY,
    "noble": _UBUNTU | _T64,
}
