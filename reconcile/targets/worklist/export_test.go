package worklist

// Steps are the versions of the books.
var Steps = steps
