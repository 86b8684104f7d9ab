// Takes everything for everybody and throws it away: what Haraka itself costs, and nothing else.
exports.hook_rcpt = (next) => next(OK);
exports.hook_queue = (next) => next(OK);
