# Names the tests that Playwright passed only when they were tried again, one a line, from the log of its list reporter.
/^ +[0-9]+ flaky/ { on = 1; next }
on && /^    \[/ { sub(/^ +/, ""); sub(/ (─)+ *$/, ""); print; next }
{ on = 0 }
