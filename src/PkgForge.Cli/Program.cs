using System.CommandLine;
using PkgForge.Cli;
using PkgForge.Cli.Commands;

// Words that begin with @ are words: a file is never read for more arguments.
var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
var result = Root.Create().Parse(args, configuration);
if (Usage.Check(result) is { } wrong)
    return wrong;

// Heard to the end: a second signal, which comes when all that was asked for is done, is not to give the process another exit code.
var signals = new StopSignals();
var exitCode = await Failures.GuardAsync(
    () =>
        result.InvokeAsync(
            new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
            signals.Token
        ),
    result.GetValue(GlobalOptions.Debug)
);
GC.KeepAlive(signals);
return exitCode;
