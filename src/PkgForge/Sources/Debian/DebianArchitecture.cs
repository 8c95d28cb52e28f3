namespace PkgForge.Sources.Debian;

/// <summary>
/// Whether a word of an architecture list means an architecture (Debian Policy 11.1). An architecture is four parts, ABI, C library, system and
/// processor, most of which its name leaves out; a word with <c>any</c> in it stands for all that agree with its other parts.
/// </summary>
internal static class DebianArchitecture
{
    private const string Any = "any";

    /// <summary>True when the word (<c>amd64</c>, <c>any</c>, <c>linux-any</c>, <c>any-arm</c>) means the architecture.</summary>
    public static bool IsMeant(string architecture, string word)
    {
        if (word is Any || word == architecture)
            return true;
        var (parts, meant) = (Parts(architecture), word.Split('-'));
        if (!meant.Contains(Any))
            return parts.SequenceEqual(Parts(word));
        // The parts that a word leaves out are those at its beginning.
        return meant.Length <= parts.Length
            && meant.Zip(parts[^meant.Length..]).All(pair => pair.First is Any || pair.First == pair.Second);
    }

    /// <summary>True when a list in square brackets, which may have words with a <c>!</c> before them, means the architecture.</summary>
    public static bool IsMeant(string architecture, IReadOnlyList<string> list)
    {
        var included = false;
        foreach (var word in list)
        {
            var excludes = word.StartsWith('!');
            if (IsMeant(architecture, excludes ? word[1..] : word))
                return !excludes;
            included |= excludes;
        }
        return included;
    }

    // dpkg's tupletable, without architectures that nobody builds for any more.
    private static string[] Parts(string architecture) =>
        architecture switch
        {
            "armhf" => ["eabihf", "gnu", "linux", "arm"],
            "armel" => ["eabi", "gnu", "linux", "arm"],
            "arm" => ["base", "gnu", "linux", "arm"],
            "x32" => ["x32", "gnu", "linux", "amd64"],
            "mipsn32el" => ["abin32", "gnu", "linux", "mips64el"],
            "mips64" or "mips64el" => ["abi64", "gnu", "linux", architecture],
            "powerpcspe" => ["spe", "gnu", "linux", "powerpc"],
            _ => Parts(architecture.Split('-')),
        };

    private static string[] Parts(string[] words) =>
        words switch
        {
            [var processor] => ["base", "gnu", "linux", processor],
            ["hurd" or "kfreebsd" or "knetbsd" or "kopensolaris", var processor] =>
            [
                "base",
                "gnu",
                words[0],
                processor,
            ],
            ["linux", var processor] => Parts(processor),
            ["musl" or "uclibc", "linux", var processor] => ["base", words[0], "linux", processor],
            [var system, var processor] => ["base", "bsd", system, processor],
            _ => words,
        };
}
