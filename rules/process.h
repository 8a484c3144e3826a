/* process: how the rules about process-wide state speak of the other side. */
#ifndef RULES_PROCESS_H
#define RULES_PROCESS_H

#include "racelint/rules.h"

/* ", while another thread running greet() (started at line 12) does the same (line 9)"; where the other side is not
 * known, ", while other threads run". */
struct str process_meanwhile(struct arena *arena, const struct hazard *hazard);

/* What changes the state, at the beginning of a sentence: "`os.chdir(folder)`", "Setting `sys.stdout`". */
struct str process_act(struct arena *arena, const struct hazard *hazard);

#endif
