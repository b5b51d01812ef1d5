// The same as weir/weir.h, for projects that name C++ headers .hpp.
#pragma once

#include "weir/weir.h"
