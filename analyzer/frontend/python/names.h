/* names: what Python makes of an identifier's text. */
#ifndef PYTHON_NAMES_H
#define PYTHON_NAMES_H

#include "base/buf.h"
#include "ir/builder.h"

/* The name of an identifier: folded to NFKC as Python does, and, where it is private (`__x`) and stands in the class
 * named `class` (0 for none), as `_Class__x`. `scratch` is any buffer; its contents are lost. */
ir_name python_name(struct ir_builder *ir, struct buf *scratch, struct str identifier, ir_name class);

/* The source text of an annotation or decorator as a name: comments and line ends go, white space outside of strings
 * becomes one blank, and the quotes of a text that is one plain string go, too. */
ir_name python_text_name(struct ir_builder *ir, struct buf *scratch, struct str source);

#endif
