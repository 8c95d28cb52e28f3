namespace PkgForge.Sources;

/// <summary>The family of a source package, which decides the platforms that can build it.</summary>
public enum PackageFormat
{
    /// <summary>A Debian source package (<c>.dsc</c> and the files that it names).</summary>
    Debian,

    /// <summary>An RPM source package (<c>.src.rpm</c>).</summary>
    Rpm,

    /// <summary>A script for the <c>Dummy</c> builder (<c>.dummy</c>): for tests and load, never for packages.</summary>
    Dummy,
}
