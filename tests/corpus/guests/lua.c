// Lua with its standard library: runs the script that its first argument names, in protected mode. Errors and
// coroutines leave by longjmp.
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

// WASI has no temporary files; the library's own check of the result says so.
FILE *tmpfile(void) { return NULL; }

static int message(lua_State *L) {
  luaL_traceback(L, L, lua_tostring(L, 1), 1);
  return 1;
}

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  if (L == NULL || argc < 2) return 2;
  luaL_openlibs(L);
  lua_createtable(L, argc, 0);
  for (int i = 1; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - 1);
  }
  lua_setglobal(L, "arg");
  lua_pushcfunction(L, message);
  int failed = luaL_loadfile(L, argv[1]) || lua_pcall(L, 0, 0, 1);
  if (failed) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return failed;
}
