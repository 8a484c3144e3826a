/* clock: how long things take. */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

/* Seconds since some fixed moment; never runs backwards. */
double clock_seconds(void);

#endif
