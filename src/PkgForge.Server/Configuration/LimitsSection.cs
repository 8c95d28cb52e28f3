using PkgForge.Server.Builds;
using PkgForge.Yaml;

namespace PkgForge.Server.Configuration;

/// <summary>Reads a section <c>limits</c>: the general one, or a platform's.</summary>
internal static class LimitsSection
{
    private const int MostProcesses = 1_000_000;
    private const int MostParallel = 1000;
    private const int MostSideBySide = 100;

    /// <summary>Less than this and not even a compiler starts: a unit was forgotten.</summary>
    private const long LeastMemory = 32L << 20;

    /// <summary>Its keys.</summary>
    internal static readonly string[] Keys =
    [
        "time",
        "silence",
        "log",
        "root",
        "top",
        "memory",
        "processes",
        "parallel",
        "side_by_side",
    ];

    /// <summary>What the section names.</summary>
    /// <exception cref="YamlFormatException">A value is not what it must be.</exception>
    public static PlatformLimits Read(YamlItem item, string prefix)
    {
        var fields = new SettingFields(item, Keys, $"{prefix}limits: ");
        T? Said<T>(string key, Func<T> read)
            where T : struct => fields.Has(key) ? read() : null;
        return new()
        {
            Time = Said("time", () => fields.Time("time", default)),
            Silence = Said("silence", () => fields.Time("silence", default)),
            Log = Said("log", () => fields.Size("log", 0)),
            Root = Said("root", () => fields.Size("root", 0)),
            Top = Said("top", () => fields.Choice<TopPlace>("top")),
            Memory = Said("memory", () => Memory(fields)),
            Processes = Said("processes", () => fields.Number("processes", 0, MostProcesses)),
            Parallel = Said("parallel", () => fields.Number("parallel", 0, MostParallel)),
            SideBySide = Said("side_by_side", () => fields.Number("side_by_side", 0, MostSideBySide)),
        };
    }

    private static long Memory(SettingFields fields) =>
        fields.Size("memory", 0) is var size && (size == 0 || size >= LeastMemory)
            ? size
            : throw fields.Refuse("memory", $"at least {LeastMemory >> 20}M, or 0 for no limit");
}
