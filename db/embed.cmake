# Writes .sql files as C: cmake -D KIND=ledger -D "FILES=a.sql;b.sql" -D OUT=file.c -P embed.cmake
set(texts "")
set(rows "")
set(version 0)
foreach(file IN LISTS FILES)
  math(EXPR version "${version} + 1")
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND texts "static const char sql_${version}[] = {${bytes}0};\n")
  string(APPEND rows "\t{${version}, \"${name}\", sql_${version}},\n")
endforeach()
file(WRITE ${OUT} "/* Made from db/schema/${KIND} by embed.cmake. */
#include \"migrations.h\"

${texts}
const struct db_migration ${KIND}_migrations[] = {
${rows}	{0, NULL, NULL},
};
")
