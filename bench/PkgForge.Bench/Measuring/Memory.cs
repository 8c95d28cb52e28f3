using System.Globalization;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Measuring;

/// <summary>Resident memory of other processes, in megabytes of 1,000,000 bytes.</summary>
internal static class Memory
{
    private const string Time = "/usr/bin/time";

    /// <summary>What a running process has in memory now.</summary>
    public static double Resident(int pid) => Status(pid, "VmRSS:");

    /// <summary>The most that it has had so far.</summary>
    public static double MostResident(int pid) => Status(pid, "VmHWM:");

    private static double Status(int pid, string field)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return Megabytes(line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[^2]);
    }

    /// <summary>
    /// The most that a program had in memory, as the kernel counted it. By <c>time</c>, because a child inherits the peak
    /// of the process that starts it: from a small one it inherits little, from this one more than what is measured.
    /// </summary>
    public static async Task<double> PeakAsync(string program, params IReadOnlyList<string> arguments)
    {
        if (!File.Exists(Time))
            throw new CannotMeasureException($"{Time} is not there: apt-get install time");
        var (printed, complaints) = (new CapturedOutput(), new CapturedOutput());
        var result = await Tool.RunAsync(
            new(Time, ["-f", "%M", program, .. arguments]),
            new SeparateOutput(printed, complaints)
        );
        return result.Succeeded
            ? Megabytes(complaints.Tail(1))
            : throw new CannotMeasureException(
                $"{program}: exit code {result.ExitCode}: {printed.Tail()} {complaints.Tail()}"
            );
    }

    // The kernel's kB are of 1024 bytes.
    private static double Megabytes(string kilobytes) =>
        double.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024 / 1e6;
}
