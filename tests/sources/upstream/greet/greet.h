#ifndef GREET_H
#define GREET_H

/* Prints a greeting for name to standard output; returns what printf returns. */
int greet(const char *name);

#endif
