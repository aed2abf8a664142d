// Input is then a pointer to const.
#define ZLIB_CONST
#include <zlib.h>
