namespace PkgForge.Registry.Views;

/// <summary>What is different between an attempt and the last success of the same source before it, as <c>changes --json</c> prints it and the API answers.</summary>
/// <param name="Job">The attempt's job.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Source">The source package that is compared: the one that failed, or else the job's first. Its main file.</param>
/// <param name="Since">The last success; null when there was none.</param>
/// <param name="Packages">What is different in the root; null when what was in one of the two is not known.</param>
/// <param name="Products">What is different in the files that were made; null unless both made some.</param>
/// <param name="Log">What is different in the logs; null when one of the two is not there (any more).</param>
public sealed record ChangesJson(
    string Job,
    string Platform,
    int Attempt,
    string Source,
    SuccessJson? Since,
    PackageChangeJson[]? Packages,
    ProductChangeJson[]? Products,
    LogChangesJson? Log
);

/// <summary>The last success of a source on a platform.</summary>
/// <param name="Job">The job.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Bucket">The job's bucket: the same, where there was a success for the same.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Source">The source package's main file there; null when that is not known.</param>
public sealed record SuccessJson(string Job, int Attempt, string Bucket, DateTimeOffset Ended, string? Source);

/// <summary>A package that is in one root only, or there in another version.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Before">Its version at the last success; null when it was not there.</param>
/// <param name="After">Its version now; null when it is not there. The same as before when only its file is another.</param>
public sealed record PackageChangeJson(string Name, string Architecture, string? Before, string? After);

/// <summary>A file that only one of two attempts has made, or that is another.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">Its size at the last success; null when it was not made.</param>
/// <param name="After">Its size now; null when it was not made.</param>
public sealed record ProductChangeJson(string Name, long? Before, long? After);

/// <summary>Two logs against each other.</summary>
/// <param name="Before">The log of the last success.</param>
/// <param name="After">This one.</param>
/// <param name="Differs">The first stage in which they differ; null when they do not, as far as they were read.</param>
/// <param name="Lines">How they differ in the stage that failed, or else in that one, with a few lines around.</param>
/// <param name="Cut">There are more such lines.</param>
public sealed record LogChangesJson(
    LogSideJson Before,
    LogSideJson After,
    StageChangeJson? Differs,
    DiffLineJson[] Lines,
    bool Cut
);

/// <summary>One of two logs.</summary>
/// <param name="Lines">How many lines it has.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Seconds">How long the build of the source took; null when that is not known.</param>
public sealed record LogSideJson(long Lines, long Bytes, double? Seconds);

/// <summary>A stage in which two logs differ.</summary>
/// <param name="Before">What it is called at the last success; null when there is none there.</param>
/// <param name="LineBefore">The line at which it begins there.</param>
/// <param name="After">What it is called in this one.</param>
/// <param name="LineAfter">The line at which it begins here.</param>
public sealed record StageChangeJson(string? Before, long? LineBefore, string? After, long? LineAfter);

/// <summary>A line of a difference.</summary>
/// <param name="Before">Its number at the last success; null for a line that was not there.</param>
/// <param name="After">Its number in this one; null for a line that is not here.</param>
/// <param name="Text">The line.</param>
public sealed record DiffLineJson(long? Before, long? After, string Text);
