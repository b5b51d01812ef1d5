// Makes mimalloc the allocator of the program this is linked into: operator new and delete by the
// definitions below, malloc and free by linking the library. For programs only, never for a
// library.
#include <mimalloc-new-delete.h>
