# Writes a header with the commit that is being built, when it is built: what was configured may be
# another one by now. Run as
#
#   cmake -D source=DIR -D output=FILE -D flags=TEXT -P build_commit.cmake
#
# Outside of a repository of our own (a tarball, a folder inside another project) it is `unknown`.
find_program(git_program git)
set(commit unknown)
if(git_program AND EXISTS "${source}/.git")
  # Of this folder's repository, also when a hook of another one builds.
  foreach(variable GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE)
    unset(ENV{${variable}})
  endforeach()
  execute_process(
    COMMAND "${git_program}" -C "${source}" rev-parse --short=12 HEAD
    OUTPUT_VARIABLE head
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
    RESULT_VARIABLE problem)
  # No locks: a build must not get into the way of a commit. `describe --dirty` writes the index all
  # the same.
  execute_process(
    COMMAND "${git_program}" --no-optional-locks -C "${source}" status --porcelain
            --untracked-files=no
    OUTPUT_VARIABLE changes
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
    RESULT_VARIABLE status_problem)
  if(problem EQUAL 0 AND status_problem EQUAL 0)
    set(commit "${head}")
    if(NOT changes STREQUAL "")
      string(APPEND commit "-dirty")
    endif()
  endif()
endif()
string(REPLACE "\\" "\\\\" flags "${flags}")
string(REPLACE "\"" "\\\"" flags "${flags}")
set(text "#define WEIR_BUILD_COMMIT \"${commit}\"\n#define WEIR_BUILD_FLAGS \"${flags}\"\n")
set(old "")
if(EXISTS "${output}")
  file(READ "${output}" old)
endif()
# Untouched if nothing changed, so that nothing is compiled again.
if(NOT old STREQUAL text)
  file(WRITE "${output}" "${text}")
endif()
