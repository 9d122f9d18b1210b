/* A shared object, but no plugin. */
int something_else = 1;
