using AwesomeAssertions;
using CsCheck;
using PkgForge.Sources.Debian;
using Xunit;

namespace PkgForge.Tests.Sources;

public sealed class DebianRelationTests
{
    // dpkg's own answers: groups that apply on an architecture without a profile, each with its names.
    private const string Ask = """
        use Dpkg::Deps;
        my ($architecture, @texts) = @ARGV;
        for my $text (@texts) {
            my $dep = deps_parse($text, build_dep => 1, reduce_restrictions => 1, host_arch => $architecture,
                build_arch => $architecture, build_profiles => [], union => 0);
            print !defined $dep ? 'refused'
                : join(',', map { join('|', map { $_->{package} } $_->isa('Dpkg::Deps::OR') ? $_->get_deps() : $_) } $dep->get_deps()),
                "\n";
        }
        """;

    private static readonly string[] Architectures =
    [
        "amd64",
        "i386",
        "arm64",
        "armhf",
        "armel",
        "x32",
        "mips64el",
        "riscv64",
        "hurd-i386",
        "kfreebsd-amd64",
        "musl-linux-amd64",
    ];

    private static readonly string[] Words =
    [
        "any",
        "linux-any",
        "any-amd64",
        "any-i386",
        "any-arm",
        "any-arm64",
        "hurd-any",
        "kfreebsd-any",
        "gnu-any-any",
        "musl-any-any",
        "gnu-linux-any",
        "linux-amd64",
        "any-mips64el",
        "eabihf-any-any-arm",
        "any-any-any-any",
        .. Architectures,
    ];

    public static TheoryData<string> AllArchitectures => [.. Architectures];

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static readonly Gen<string> Space = OneOf("", " ", "\n ", "\t");

    private static readonly Gen<string> Restriction = Gen.Select(
        Gen.Bool,
        OneOf(Words).Array[1, 3],
        (not, words) => $" [{string.Join(' ', words.Select(word => not ? "!" + word : word))}]"
    );

    private static readonly Gen<string> Profiles = OneOf("!nocheck", "nocheck", "!stage1", "pkg.a.b")
        .Array[1, 2]
        .Select(terms => $" <{string.Join(' ', terms)}>")
        .Array[1, 2]
        .Select(lists => string.Concat(lists));

    private static readonly Gen<string> Alternative = Gen.Select(
        OneOf("gcc", "libc6-dev", "g++", "python3.11", "x2"),
        OneOf("", ":any", ":native"),
        OneOf("", " (>= 1:2.0-1~rc1)", "(<<3)", " ( = 1.0+b1 )"),
        Gen.OneOf(Gen.Const(""), Restriction),
        Gen.OneOf(Gen.Const(""), Profiles),
        (name, qualifier, version, list, profiles) => name + qualifier + version + list + profiles
    );

    private static readonly Gen<string> Field = Gen.Select(
            Alternative.Array[1, 3],
            Space,
            (group, space) => string.Join($"{space}|{space}", group)
        )
        .Array[1, 5]
        .Select(groups => string.Join(",\n ", groups));

    [Theory]
    [MemberData(nameof(AllArchitectures))]
    public void Words_of_an_architecture_list_mean_what_they_mean_to_dpkg(string architecture)
    {
        var texts = Words.SelectMany(word => new[] { $"a [{word}]", $"a [!{word}]" }).ToArray();

        texts.Select(text => Applying(text, architecture)).Should().Equal(Dpkg(architecture, texts));
    }

    [Fact]
    public void Fields_of_any_form_are_read_as_dpkg_reads_them()
    {
        var texts = new List<string>();
        Field.Sample(texts.Add, iter: 300, threads: 1);
        foreach (var architecture in new[] { "amd64", "armhf" })
            texts.Select(text => Applying(text, architecture)).Should().Equal(Dpkg(architecture, [.. texts]));
    }

    [Fact]
    public void A_relation_is_read_whole()
    {
        DebianRelationReader
            .TryRead("a:any (>= 1:2.0-1) [amd64 !i386] <!x y> <z> | b,, c,", out var groups, out _)
            .Should()
            .BeTrue();

        groups!.Select(group => group.Count).Should().Equal(2, 1);
        groups!
            [0][0]
            .Should()
            .BeEquivalentTo(
                new
                {
                    Name = "a",
                    Qualifier = "any",
                    Version = ">= 1:2.0-1",
                    Architectures = new[] { "amd64", "!i386" },
                    Profiles = new[] { new[] { "!x", "y" }, ["z"] },
                }
            );
    }

    [Theory]
    [InlineData("a b", "character 3: 'b'")]
    [InlineData("a |", "character 4: ''")]
    [InlineData("a | , b", "character 5: ', b'")]
    [InlineData("a (", "character 4")]
    [InlineData("a (>= )", "character 7: ')'")]
    [InlineData("a (2.0)", "character 7: ')'")]
    [InlineData("a []", "character 4: ']'")]
    [InlineData("a [amd64", "character 9")]
    [InlineData("a <>", "character 4: '>'")]
    [InlineData("a <!x", "character 6")]
    [InlineData("a:", "character 3")]
    [InlineData("-o Dpkg::Foo=1", "character 3: ' Dpkg::Foo=1'")]
    [InlineData("$(reboot)", "character 1: '$(reboot)'")]
    [InlineData("${shlibs:Depends}", "character 1")]
    public void What_is_not_well_formed_is_refused_with_its_place(string text, string place)
    {
        DebianRelationReader.TryRead(text, out _, out var error).Should().BeFalse();

        error.Should().Contain("not well formed").And.Contain(place);
    }

    [Fact]
    public void A_field_without_end_is_refused()
    {
        var text = string.Concat(Enumerable.Repeat("a,", DebianRelationReader.MostRelations + 1));

        DebianRelationReader.TryRead(text, out _, out var error).Should().BeFalse();
        error.Should().Be("has more than 20000 alternatives");
    }

    [Fact]
    public void Whatever_the_text_is_the_answer_is_a_result() =>
        Gen.String[Gen.Char["ab:|,()[]<>!=-. \n~\0é"], 0, 60]
            .Sample(
                text =>
                    DebianRelationReader.TryRead(text, out var groups, out var error)
                        ? groups is not null && error is null
                        : groups is null && error is not null,
                iter: 5000
            );

    private static string Applying(string text, string architecture)
    {
        DebianRelationReader
            .TryRead(text, out var groups, out var error)
            .Should()
            .BeTrue("{0} is well formed: {1}", text, error);
        var names = groups!.Select(group =>
            string.Join('|', group.Where(one => one.Applies(architecture)).Select(one => one.Name))
        );
        return string.Join(',', names.Where(group => group.Length > 0));
    }

    private static IEnumerable<string> Dpkg(string architecture, string[] texts) =>
        Tool.Run("perl", ["-e", Ask, architecture, .. texts]).Split('\n')[..^1];
}
