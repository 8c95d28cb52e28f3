using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace PkgForge.Tests.Sources;

/// <summary>Runs a tool from Debian's packages; a test that needs one fails if it is not installed.</summary>
internal static class Tool
{
    /// <summary>Runs it to its end and returns what it printed; fails unless it ends with zero.</summary>
    public static string Run(string tool, params IEnumerable<string> arguments) => RunIn("/", tool, arguments);

    /// <summary>The same in a directory.</summary>
    public static string RunIn(string directory, string tool, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { WorkingDirectory = directory };
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Start(start);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} ended with {process.ExitCode}: {errors.Result}{output}");
        return output;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                $"{start.FileName} is not installed; './dev test' installs what the tests need from Debian's packages",
                e
            );
        }
    }
}
