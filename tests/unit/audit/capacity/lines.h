/* Lines of an access log, of a shape that is documented. */
#ifndef GONOGO_TESTS_CAPACITY_LINES_H
#define GONOGO_TESTS_CAPACITY_LINES_H

#define CAME(time, id)                                                         \
	"192.0.2.10 | https | i" id " | - | 2026-02-03 " time                  \
	" | \"POST /scm/demo/alpha.git/git-upload-pack HTTP/1.1\" | \"\" "     \
	"\"\" | - | - | - | - | - | 1irez8i |\n"
#define WENT(time, id, labels, took)                                           \
	"192.0.2.10,198.51.100.7 | https | o" id " | jdoe | 2026-02-03 " time  \
	" | \"POST /scm/demo/alpha.git/git-upload-pack HTTP/1.1\" | \"\" "     \
	"\"git/2.39\" | 200 | 10 | 4398 | " labels " | " took " | 1irez8i |\n"

#endif
