using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>What somebody waits for.</summary>
public readonly record struct Topic
{
    private Topic(string name) => Name = name;

    /// <summary>As it stands in a notification: a platform's name without case, or <c>@</c> and a builder's.</summary>
    public string Name { get; }

    /// <summary>Tasks of a platform that can be claimed.</summary>
    public static Topic Tasks(PlatformKey platform) => new(platform.ToString().ToLowerInvariant());

    /// <summary>A task of any job has come, ended, or waits again. Claims are not told: that they are one statement matters more.</summary>
    public static Topic Jobs { get; } = new("#");

    /// <summary>Requests to a builder about the task that it holds.</summary>
    public static Topic Requests(string builder) => new($"@{builder}");
}
