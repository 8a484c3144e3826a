/* RL001 unreadable-file: a diagnostic of the reading layer; here is only its documentation. */
#include "rules/list.h"

static const char *const cwes[] = {NULL};
static const char *const references[] = {
    "https://peps.python.org/pep-0263/",
    "https://docs.python.org/3/reference/lexical_analysis.html#encoding-declarations",
    NULL,
};

const struct rule rule_RL001 = {
    .code = "RL001",
    .name = "unreadable-file",
    .summary = "a file could not be read or decoded",
    .explanation = "A file that cannot be read, or whose bytes do not fit its encoding, is analysed in part or\n"
                   "not at all. A thread that is started there, or a lock that is taken there, is then unknown,\n"
                   "and findings in other files may be missing or less sure.\n"
                   "\n"
                   "This is a diagnostic and not a finding: it cannot be suppressed by a comment, and it counts\n"
                   "for the exit status.\n"
                   "\n"
                   "The usual reasons:\n"
                   "\n"
                   "- the file may not be opened (permissions, a broken link);\n"
                   "- its coding comment names an encoding that does not exist, or another one than the editor\n"
                   "  used;\n"
                   "- it holds bytes that are not UTF-8 and has no coding comment;\n"
                   "- it is larger than the size limit.\n",
    .bad = "# -*- coding: latin-eleven -*-\n"
           "import threading\n"
           "\n"
           "print(threading.active_count())\n",
    .good = "# -*- coding: utf-8 -*-\n"
            "import threading\n"
            "\n"
            "print(threading.active_count())\n",
    .fix = "Save the file as UTF-8, or name its encoding in a coding comment on the first or second\n"
           "line. A file that is no Python source belongs into `exclude`.\n",
    .cwes = cwes,
    .references = references,
};
